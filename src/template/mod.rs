//! Go's text/template with Sprig's, Helm's and Argo CD's functions.

mod builtins;
mod code;
mod compile;
pub mod entries;
pub mod error;
mod execute;
mod format;
pub mod functions;
mod guards;
pub mod helm;
mod lexer;
mod literal;
pub mod mentions;
mod methods;
mod number;
mod operand;
mod parser;
pub mod pieces;
pub mod places;
mod plain;
pub mod print;
pub mod quote;
mod reads;
pub mod set;
pub mod trace;
mod tree;
pub mod types;
pub mod value;
mod weight;

#[cfg(test)]
mod tests;

pub use code::Functions;
pub use error::Error;
pub use execute::{Limits, MissingKey, execute};
pub use set::Set;
pub use trace::Trace;
pub use types::Type;
pub use value::Value;
