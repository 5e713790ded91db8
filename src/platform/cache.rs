//! What applications share: files parsed once, charts loaded once, schemas compiled once, and the
//! merges of the first layers that many of them have in common.

use super::scope::layer_label;
use crate::argocd::sources::{self, Helm, LoadedChart};
use crate::chart;
use crate::diagnostic::Diagnostic;
use crate::lint::Reads;
use crate::merge::{Absence, Content, Layer, Tree};
use crate::profile;
use crate::repository::Repositories;
use crate::schema::{Owner, Resources, Schema};
use crate::source::File;
use crate::yaml;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// Merges that are kept. Applications come set by set and customer by customer, so what they share was
/// made a short while ago; older merges are let go.
const MOST_TREES: usize = 1024;

/// Identifies a file, layer or tree: its address, which stays its own as long as the cache holds it.
type Address = usize;

/// A layer as one place names one file.
type LayerKey = (Address, Arc<str>, Option<(Address, u32)>);

/// A chart: the checkout that its folder is in, and the folder.
pub(super) type ChartKey = ((u32, u32), String);

/// The shared parts of one evaluation.
#[derive(Debug)]
pub(super) struct Cache {
    helm: profile::Helm,
    layers: RefCell<HashMap<LayerKey, Arc<Layer>>>,
    charts: RefCell<HashMap<ChartKey, Result<LoadedChart, Diagnostic>>>,
    schemas: RefCell<HashMap<(Address, Owner), Compiled>>,
    trees: RefCell<HashMap<(Address, Address), Merged>>,
    reads: RefCell<HashMap<Parts, Arc<Reads>>>,
    empty: Arc<Tree>,
}

/// A merge with what it was made of: as long as these are held, no other has their address.
#[derive(Debug)]
struct Merged {
    _below: Arc<Tree>,
    _layer: Arc<Layer>,
    tree: Arc<Tree>,
}

/// The charts that take part in some values, each with the path that Helm gives it.
type Parts = Vec<(Address, String)>;

type Compiled = Result<Arc<Schema>, Diagnostic>;

impl Cache {
    pub(super) fn new(helm: profile::Helm) -> Self {
        Self {
            helm,
            layers: RefCell::default(),
            charts: RefCell::default(),
            schemas: RefCell::default(),
            trees: RefCell::default(),
            reads: RefCell::default(),
            empty: Arc::default(),
        }
    }

    /// The layer that an Application names, its file parsed.
    pub(super) fn layer(&self, named: &sources::Layer) -> Arc<Layer> {
        let read = || {
            let mut layer = named.to_merge(|file| yaml::read_values(file, self.helm));
            layer.label = layer_label(layer.kind, &layer.written).into();
            Arc::new(layer)
        };
        let sources::Content::File(file) = &named.content else { return read() };
        let named_at = named.named_at.as_ref().map(|at| (address(&at.file), at.span.start));
        let key = (address(file), Arc::clone(&named.written), named_at);
        Arc::clone(self.layers.borrow_mut().entry(key).or_insert_with(read))
    }

    /// The chart of a source with its dependencies, as far as they are loaded.
    pub(super) fn chart(
        &self,
        source: &Helm,
        repositories: &Repositories,
    ) -> Result<LoadedChart, Diagnostic> {
        let key = (source.tree_key, source.folder.clone());
        if let Some(known) = self.charts.borrow().get(&key) {
            return known.clone();
        }
        let loaded = source.load_chart(repositories, self.helm);
        self.charts.borrow_mut().insert(key, loaded.clone());
        loaded
    }

    /// The schema of a file; `resources` are the files that it may refer to.
    pub(super) fn schema(&self, file: &Arc<File>, owner: Owner, resources: &dyn Resources) -> Compiled {
        let compile = || Schema::compile(file, owner, self.helm, resources).map(Arc::new);
        self.schemas.borrow_mut().entry((address(file), owner)).or_insert_with(compile).clone()
    }

    /// What the charts of some values read of them.
    pub(super) fn reads(&self, values: &chart::Values) -> Arc<Reads> {
        let parts = values
            .charts
            .iter()
            .map(|enabled| (Arc::as_ptr(&enabled.chart) as Address, enabled.full_path.clone()));
        let reads = || Arc::new(Reads::of(values));
        Arc::clone(self.reads.borrow_mut().entry(parts.collect()).or_insert_with(reads))
    }

    /// The layers merged in order. One that can't be merged counts as absent, and the first such one is
    /// told; positions stay those of the list.
    pub(super) fn merge(&self, layers: &[Arc<Layer>]) -> (Arc<Tree>, Option<Diagnostic>) {
        let mut tree = Arc::clone(&self.empty);
        let mut problem = None;
        for layer in layers {
            tree = self.lay(&tree, layer).unwrap_or_else(|error| {
                problem.get_or_insert(error);
                let absent = Layer { content: Content::Absent(Absence::Missing), ..Layer::clone(layer) };
                self.lay(&tree, &Arc::new(absent)).unwrap_or_else(|_| Arc::clone(&tree))
            });
        }
        (tree, problem)
    }

    fn lay(&self, below: &Arc<Tree>, layer: &Arc<Layer>) -> Result<Arc<Tree>, Diagnostic> {
        if !matches!(layer.content, Content::Document(_)) {
            return below.with(layer, self.helm).map(Arc::new);
        }
        let key = (Arc::as_ptr(below) as usize, Arc::as_ptr(layer) as usize);
        if let Some(known) = self.trees.borrow().get(&key) {
            return Ok(Arc::clone(&known.tree));
        }
        let tree = below.with(layer, self.helm).map(Arc::new)?;
        let merged = Merged { _below: Arc::clone(below), _layer: Arc::clone(layer), tree: Arc::clone(&tree) };
        let mut trees = self.trees.borrow_mut();
        if trees.len() >= MOST_TREES {
            trees.clear();
        }
        trees.insert(key, merged);
        Ok(tree)
    }
}

fn address(file: &Arc<File>) -> Address {
    Arc::as_ptr(file) as usize
}
