//! x
pub fn valid_until() {}
