//! The views of the page.

mod changes;
mod explore;
mod problems;
mod sets;

pub use changes::Changes;
pub use explore::Explore;
pub use problems::Problems;
pub use sets::Sets;
