//! Go's text/template with Sprig's, Helm's and Argo CD's functions.

pub mod error;
mod format;
pub mod functions;
mod lexer;
mod number;
mod parser;
pub mod print;
pub mod quote;
pub mod tree;
pub mod types;
pub mod value;

pub use error::Error;
pub use types::Type;
pub use value::Value;
