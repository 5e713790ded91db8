//! One file a suite.

pub mod appset;
pub mod charts;
pub mod helm_values;
pub mod schema;
pub mod sources;
pub mod template;
pub mod yaml;
