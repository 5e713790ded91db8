//! The views of the page.

mod changes;
mod clusters;
mod explore;
mod problems;
mod sets;

pub use changes::Changes;
pub use clusters::Clusters;
pub use explore::Explore;
pub use problems::Problems;
pub use sets::Sets;
