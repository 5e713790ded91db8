//! The stories that the example platform tells, read back through the reports.
//!
//! `UPDATE_EXPECT=1 cargo test --test cases` rewrites the expected texts; read the difference.

mod charts;
mod input;
mod loading;
mod stories;
mod traces;
