//! The views of the page.

mod explore;
mod problems;

pub use explore::Explore;
pub use problems::Problems;
