//! Go's text/template with Sprig's, Helm's and Argo CD's functions.

pub mod functions;
pub mod types;
pub mod value;

pub use types::Type;
pub use value::Value;
