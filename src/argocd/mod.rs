//! From ApplicationSets to Applications, and from Applications to value layers.

pub mod applicationset;
mod combine;
mod decode;
mod failure;
pub mod fixtures;
mod generators;
mod interpolate;
mod json;
pub mod memo;
pub mod parameters;
mod patch;
pub mod projects;
mod required;
mod selector;
pub mod settings;
pub mod sources;
pub mod starter;
mod template;
pub mod text;
mod trace;
pub mod typed;
pub mod types;
pub mod validate;

pub use generators::clusters::{IN_CLUSTER, IN_CLUSTER_SERVER};
