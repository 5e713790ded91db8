//! Strata explains the values of a GitOps platform.
//!
//! Files go in at one end; every Argo CD Application, every final Helm value and the writes that made
//! it come out at the other. Nothing is fetched, nothing is guessed: what needs a cluster, a network
//! or a key is told as unknown.
//!
//! The rooms are listed in the order in which they may use each other; see ARCHITECTURE.md.

pub mod source;

pub mod diagnostic;

pub mod value;

pub mod json;

pub mod profile;

pub mod work;

pub mod semver;

pub mod yaml;

pub mod repository;

pub mod template;

pub mod merge;

pub mod chart;

pub mod schema;

pub mod argocd;

pub mod lint;

pub mod platform;

pub mod report;
