//! An Application as it stands in the list of all.

use super::change::Reads;
use super::detail::Detail;
use super::scope::Scope;
use crate::argocd::fixtures::Fixtures;
use crate::argocd::{IN_CLUSTER, IN_CLUSTER_SERVER};
use crate::lint::Finding;
use crate::lint::missing_file::Wanted;
use crate::source::{File, Location};
use crate::value::Value;
use crate::yaml::Document;
use std::sync::Arc;

/// Where an Application comes from.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A set yields it.
    Generated {
        /// Position of the set in [`super::Evaluation::sets`].
        set: usize,
        /// Position among the Applications of the set.
        position: usize,
    },
    /// Somebody wrote it.
    Written(Document),
}

/// An Application.
#[derive(Clone, Debug)]
pub struct Application {
    /// `metadata.name`.
    pub name: Arc<str>,
    /// The complete object as JSON.
    pub object: Value,
    /// Where it comes from.
    pub origin: Origin,
    /// Position of the Application whose chart renders it; `None` if it is no app of apps' or if a set
    /// yields it.
    pub parent: Option<usize>,
    /// Where it belongs.
    pub scope: Arc<Scope>,
    /// What is wrong with the object itself.
    pub(super) invalid: Vec<Finding>,
    /// What came of it, once it was evaluated.
    pub(super) computed: Option<Arc<Computed>>,
    /// Value files that it lacks and others have.
    pub(super) missing: Vec<Finding>,
    /// Objects of Argo CD that its charts render, once somebody has looked.
    pub(super) renders: Option<Arc<[Document]>>,
}

/// What came of an Application.
#[derive(Debug)]
pub(super) struct Computed {
    pub fails: bool,
    pub files: Vec<Arc<File>>,
    pub findings: Vec<Finding>,
    /// Value files as it names them.
    pub wanted: Vec<Wanted>,
    /// What value files say in vain.
    pub overridden: Vec<Location>,
    pub reads: Reads,
}

impl Computed {
    pub(super) fn of(detail: &Detail) -> Self {
        Self {
            fails: detail.fails(),
            files: detail.files(),
            findings: detail.findings(),
            wanted: detail.wanted(),
            overridden: detail.overridden(),
            reads: detail.reads(),
        }
    }
}

impl Application {
    /// The cluster and the namespace that it goes to: the cluster by its server where that is known.
    pub fn destination<'a>(&'a self, fixtures: &'a Fixtures) -> (&'a str, &'a str) {
        let destination = self.object.get("spec").and_then(|spec| spec.get("destination"));
        let text = |key: &str| {
            destination
                .and_then(|destination| destination.get(key))
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (server, name) = (text("server"), text("name"));
        let known = fixtures.clusters.iter().flatten().find(|cluster| *cluster.name == *name);
        let cluster = match known {
            _ if !server.is_empty() => server,
            Some(cluster) => &cluster.server,
            None if name == IN_CLUSTER => IN_CLUSTER_SERVER,
            None => name,
        };
        (cluster, text("namespace"))
    }

    /// Whether Argo CD would fail to produce a source of it; `false` until it was evaluated.
    pub fn fails(&self) -> bool {
        self.computed.as_ref().is_some_and(|computed| computed.fails)
    }

    /// Files that its values were read from, once it was evaluated.
    pub fn files(&self) -> &[Arc<File>] {
        self.computed.as_ref().map_or(&[], |computed| &computed.files)
    }

    /// What there is to say about it by itself.
    pub(super) fn findings(&self) -> impl Iterator<Item = &Finding> {
        let computed = self.computed.iter().flat_map(|computed| &computed.findings);
        self.invalid.iter().chain(computed).chain(&self.missing)
    }

    /// What value files say in vain.
    pub(super) fn overridden(&self) -> &[Location] {
        self.computed.as_ref().map_or(&[], |computed| &computed.overridden)
    }

    /// Value files that it names.
    pub(super) fn wanted(&self) -> &[Wanted] {
        self.computed.as_ref().map_or(&[], |computed| &computed.wanted)
    }
}
