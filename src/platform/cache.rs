//! What applications share: files parsed once, charts loaded once, schemas compiled once, and the
//! merges of the first layers that many of them have in common.
// What is shared is a key by its address, which nothing inside changes.
#![allow(clippy::mutable_key_type)]

use super::change::Change;
use super::scope::layer_label;
use crate::argocd::sources::{self, Helm, LoadedChart};
use crate::chart::{self, Chart, Laid};
use crate::diagnostic::Diagnostic;
use crate::lint::Reads;
use crate::merge::{Absence, Content, Layer, Tree};
use crate::profile;
use crate::repository::Repositories;
use crate::schema::{Owner, Resources, Schema};
use crate::source::{ByAddress, File, Same};
use crate::yaml::{self, Document};
use std::collections::HashSet;
use std::hash::Hash;
use std::iter;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

/// Merges that are kept. Applications come set by set and customer by customer, so what they share was
/// made a short while ago; older merges are let go.
const MOST_MERGES: usize = 1024;

/// A layer of a file: how it is written, where it is named, and what it came to.
type Named = (Arc<str>, Option<(Same<File>, u32)>, Arc<Layer>);

/// A chart: the checkout that its folder is in, and the folder.
pub(super) type ChartKey = ((u32, u32), String);

/// The shared parts of one evaluation. Several threads may ask at once: each looks for what is known, and
/// works out what is not without making the others wait.
#[derive(Debug)]
pub(super) struct Cache {
    pub(super) helm: profile::Helm,
    shared: Arc<Shared>,
    charts: Known<ChartKey, Result<LoadedChart, Diagnostic>>,
    schemas: Known<(Same<File>, Owner), Compiled>,
    /// Whether a schema has asked for other files.
    schemas_refer: AtomicBool,
}

/// What follows from files alone, whatever repository they are in: the next evaluation shares it.
#[derive(Debug, Default)]
struct Shared {
    documents: yaml::Documents,
    manifests: Known<Same<File>, Option<Manifests>>,
    layers: Known<Same<File>, Vec<Named>>,
    trees: Known<(Same<Tree>, Same<Layer>), Arc<Tree>>,
    /// The values of charts without any layer; `None` for charts with subcharts.
    defaults: Known<Same<Chart>, Option<Arc<Laid>>>,
    /// What a layer on some values comes to, from the second time on that somebody asks.
    laid: Known<Step, Option<Arc<Laid>>>,
    reads: Known<Parts, Arc<Reads>>,
    templates: Known<Parts, Templates>,
    empty: Arc<Tree>,
}

/// Some values and the layer that comes upon them.
type Step = (Same<Laid>, Same<Layer>);

/// The documents of a file.
type Manifests = Arc<[Result<Document, Diagnostic>]>;

/// The charts that take part in some values, each with the path that Helm gives it.
type Parts = Vec<(Same<Chart>, String)>;

/// The templates of charts, parsed when the first Application of them is rendered.
pub(super) type Templates = Arc<OnceLock<Result<chart::Templates, Diagnostic>>>;

type Compiled = Result<Arc<Schema>, Diagnostic>;

/// What is known by a key.
#[derive(Debug)]
struct Known<K, V>(Mutex<ByAddress<K, V>>);

impl<K, V> Default for Known<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash, V: Clone> Known<K, V> {
    /// The value of a key, made if it is not known. Should two make it at once, the first one counts.
    fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        if let Some(known) = self.lock().get(&key) {
            return known.clone();
        }
        let made = make();
        self.lock().entry(key).or_insert(made).clone()
    }
}

impl<K: Eq + Hash, V> Known<K, V> {
    /// Keeps a merge, and lets go of all others where these have become too many.
    fn keep(&self, key: K, value: V) {
        let mut known = self.lock();
        let full = known.len() >= MOST_MERGES;
        let old = if full { std::mem::take(&mut *known) } else { ByAddress::default() };
        known.insert(key, value);
        // Nobody has to wait until the old ones are taken apart.
        drop(known);
        drop(old);
    }
}

impl<K, V> Known<K, V> {
    /// Nothing is done under the lock that could leave the map half changed.
    fn lock(&self) -> MutexGuard<'_, ByAddress<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cache {
    pub(super) fn new(helm: profile::Helm) -> Self {
        Self {
            helm,
            shared: Arc::default(),
            charts: Known::default(),
            schemas: Known::default(),
            schemas_refer: AtomicBool::new(false),
        }
    }

    /// What is still known after a change, `None` if it may be any, to these repositories. What follows from
    /// files that are gone is forgotten.
    pub(super) fn after(&self, change: Option<&Change>, now: &Repositories) -> Self {
        let Some(change) = change else {
            let trees = now.all().iter().flat_map(|repository| &repository.revisions);
            let files: HashSet<Same<File>> =
                trees.flat_map(|revision| revision.tree.files()).map(Same::of).collect();
            self.shared.retain(|file| files.contains(file));
            return Self { shared: Arc::clone(&self.shared), ..Self::new(self.helm) };
        };
        self.shared.forget(&change.gone);
        let mut charts = self.charts.lock().clone();
        let all = charts.len();
        charts.retain(|(_, folder), chart| {
            chart.as_ref().is_ok_and(|chart| !chart.searched) && !change.touches_folder(folder)
        });
        if charts.len() < all {
            self.shared.forget_charts();
        }
        let mut schemas = self.schemas.lock().clone();
        schemas.retain(|(file, _), _| !change.gone.contains(file));
        Self {
            helm: self.helm,
            shared: Arc::clone(&self.shared),
            charts: Known(Mutex::new(charts)),
            schemas: Known(Mutex::new(schemas)),
            schemas_refer: AtomicBool::new(self.schemas_refer()),
        }
    }

    /// Whether what schemas say depends on files that they refer to.
    pub(super) fn schemas_refer(&self) -> bool {
        self.schemas_refer.load(Relaxed)
    }

    /// The documents of files that generators read.
    pub(super) fn documents(&self) -> &yaml::Documents {
        &self.shared.documents
    }

    /// The documents of each of the files that `may_hold` objects of Argo CD.
    pub(super) fn manifests(
        &self,
        files: &[&Arc<File>],
        may_hold: impl Fn(&str) -> bool,
    ) -> Vec<Option<Manifests>> {
        let known: Vec<_> = {
            let manifests = self.shared.manifests.lock();
            files.iter().map(|file| manifests.get(&Same::of(file)).cloned()).collect()
        };
        let read = |file: &Arc<File>| may_hold(&file.text).then(|| yaml::read_manifests(file).into());
        let read: Vec<_> = files
            .iter()
            .zip(&known)
            .map(|(file, known)| match known {
                Some(known) => known.clone(),
                None => read(file),
            })
            .collect();
        let new = files.iter().zip(&read).zip(known).filter(|(_, known)| known.is_none());
        let new = new.map(|((file, read), _)| (Same::of(file), read.clone()));
        self.shared.manifests.lock().extend(new);
        read
    }

    /// The layer that an Application names, its file parsed.
    pub(super) fn layer(&self, named: &sources::Layer) -> Arc<Layer> {
        let read = || {
            let mut layer = named.to_merge(|file| {
                let read = self.shared.documents.values(file, self.helm);
                read.map_err(|error| error.diagnostic(file))
            });
            layer.label = layer_label(layer.kind, &layer.written).into();
            Arc::new(layer)
        };
        let sources::Content::File(file) = &named.content else { return read() };
        let named_at = named.named_at.as_ref().map(|at| (Same::of(&at.file), at.span.start));
        let find = |known: &[Named]| {
            let is_it = |(written, at, _): &&Named| *written == named.written && *at == named_at;
            known.iter().find(is_it).map(|(.., layer)| Arc::clone(layer))
        };
        if let Some(known) = self.shared.layers.lock().get(&Same::of(file)).and_then(|known| find(known)) {
            return known;
        }
        let layer = read();
        let mut layers = self.shared.layers.lock();
        let known = layers.entry(Same::of(file)).or_default();
        if let Some(known) = find(known) {
            return known;
        }
        known.push((Arc::clone(&named.written), named_at, Arc::clone(&layer)));
        layer
    }

    /// The chart of a source with its dependencies, as far as they are loaded.
    pub(super) fn chart(
        &self,
        source: &Helm,
        repositories: &Repositories,
    ) -> Result<LoadedChart, Diagnostic> {
        let key = (source.tree_key, source.folder.clone());
        self.charts.get(key, || source.load_chart(repositories, self.helm))
    }

    /// The schema of a file; `resources` are the files that it may refer to.
    pub(super) fn schema(&self, file: &Arc<File>, owner: Owner, resources: &dyn Resources) -> Compiled {
        let watched = Watched { resources, asked: &self.schemas_refer };
        let compile = || Schema::compile(file, owner, self.helm, &watched).map(Arc::new);
        self.schemas.get((Same::of(file), owner), compile)
    }

    /// What the charts of some values read of them.
    pub(super) fn reads(&self, values: &chart::Values) -> Arc<Reads> {
        let reads = || Arc::new(Reads::of(values));
        self.shared.reads.get(parts(values), reads)
    }

    /// The place for the parsed templates of the charts that take part in some values.
    pub(super) fn templates(&self, values: &chart::Values) -> Templates {
        self.shared.templates.get(parts(values), Templates::default)
    }

    /// The layers merged in order. One that can't be merged counts as absent, and the first such one is
    /// told; positions stay those of the list.
    pub(super) fn merge(&self, layers: &[Arc<Layer>]) -> (Arc<Tree>, Option<Diagnostic>) {
        let mut tree = Arc::clone(&self.shared.empty);
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
        let key = (Same::of(below), Same::of(layer));
        if let Some(known) = self.shared.trees.lock().get(&key) {
            return Ok(Arc::clone(known));
        }
        let tree = below.with(layer, self.helm).map(Arc::new)?;
        self.shared.trees.keep(key, Arc::clone(&tree));
        Ok(tree)
    }

    /// The values of a chart with these layers, where the first ones that others have too can be shared.
    /// `None` where [`Cache::merge`] and [`chart::values`] have to say what comes of them.
    pub(super) fn values(&self, chart: &Arc<Chart>, layers: &[Arc<Layer>]) -> Option<chart::Values> {
        let is_shared =
            |layer: &Arc<Layer>| matches!(layer.content, Content::Document(_) | Content::Absent(_));
        let defaults = || Laid::new(chart, self.helm).map(Arc::new);
        let mut below = self.shared.defaults.get(Same::of(chart), defaults)?;
        if !layers.iter().all(is_shared) {
            return None;
        }
        for (at, layer) in layers.iter().enumerate() {
            let key = (Same::of(&below), Same::of(layer));
            let asked = self.shared.laid.lock().get(&key).cloned();
            below = match asked {
                Some(Some(known)) => known,
                Some(None) => {
                    let next = Arc::new(self.lay_values(chart, Laid::clone(&below), &layers[..=at])?);
                    self.shared.laid.keep(key, Some(Arc::clone(&next)));
                    next
                }
                None => {
                    // Most of what nobody has asked for is of this Application alone, and so is all above it.
                    self.shared.laid.keep(key, None);
                    let mut own = Laid::clone(&below);
                    for at in at..layers.len() {
                        own = self.lay_values(chart, own, &layers[..=at])?;
                    }
                    return Some(own.into_values());
                }
            };
        }
        Some(Laid::clone(&below).into_values())
    }

    /// The last of the layers on the values of those below it.
    fn lay_values(&self, chart: &Arc<Chart>, below: Laid, layers: &[Arc<Layer>]) -> Option<Laid> {
        below.with(layers.last()?).or_else(|| match self.merge(layers) {
            (user, None) => {
                let values = chart::values(chart, &user, self.helm).ok()?;
                Some(Laid::of(chart, values, layers.to_vec()))
            }
            _ => None,
        })
    }
}

impl Shared {
    fn retain(&self, keep: impl Fn(&Same<File>) -> bool) {
        self.documents.retain(&keep);
        self.manifests.lock().retain(|file, _| keep(file));
        self.layers.lock().retain(|file, _| keep(file));
        self.trees.lock().clear();
        self.laid.lock().clear();
        self.forget_charts();
    }

    fn forget(&self, files: &HashSet<Same<File>>) {
        // What was generated from a file holds it.
        let is_gone = |file: &Arc<File>| {
            let mut sources = iter::successors(Some(file), |file| file.parent.as_ref().map(|at| &at.file));
            sources.any(|file| files.contains(&Same::of(file)))
        };
        let mut others = false;
        for file in files {
            self.documents.forget(file);
            self.manifests.lock().remove(file);
            others |= self.layers.lock().remove(file).is_none();
        }
        if others {
            // Files that are no values may be where values are named.
            let is_named = |(_, at, _): &Named| at.as_ref().is_none_or(|(file, _)| !is_gone(&file.0));
            self.layers.lock().values_mut().for_each(|named| named.retain(is_named));
        }
        let is_there = |layer: &Arc<Layer>| {
            let named = layer.named_at.as_ref().map(|at| &at.file);
            !layer.file().into_iter().chain(named).any(is_gone)
        };
        self.trees.lock().retain(|_, tree| tree.layers().iter().all(is_there));
        self.laid
            .lock()
            .retain(|(below, layer), _| is_there(&layer.0) && below.0.layers().iter().all(is_there));
    }

    /// What is known of charts is made anew for those that are still there.
    fn forget_charts(&self) {
        self.defaults.lock().clear();
        self.laid.lock().clear();
        self.reads.lock().clear();
        self.templates.lock().clear();
    }
}

/// Files that a schema may refer to, and whether it has asked for any.
struct Watched<'a> {
    resources: &'a dyn Resources,
    asked: &'a AtomicBool,
}

impl Resources for Watched<'_> {
    fn remote(&self, url: &str) -> Option<Arc<File>> {
        self.asked.store(true, Relaxed);
        self.resources.remote(url)
    }

    fn file(&self, path: &str) -> Option<Arc<File>> {
        self.asked.store(true, Relaxed);
        self.resources.file(path)
    }
}

fn parts(values: &chart::Values) -> Parts {
    let charts = values.charts.iter();
    charts.map(|enabled| (Same::of(&enabled.chart), enabled.full_path.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::ChartFile;
    use crate::merge::Kind;
    use crate::profile::Helm;

    /// What shares its first layers with others comes to what it would come to alone, also where a later
    /// layer turns a default into something else, or takes it away.
    #[test]
    fn shared_layers_change_nothing() {
        const HELM: Helm = Helm::V4_3;
        let file = |path: &str, text: &str| ChartFile::of(path, &File::new("charts", path, text));
        let defaults = "a: {b: 1, c: {d: 1}}\ne: 1\nf: x\n";
        let files = vec![
            file("Chart.yaml", "{apiVersion: v2, name: app, version: 1.0.0}"),
            file("values.yaml", defaults),
        ];
        let chart = Arc::new(Chart::load(files, HELM).expect("the chart loads"));
        let layer = |text: &&str| Arc::new(Layer::read(Kind::ValueFile, &File::new("", "l", *text), HELM));
        let texts = [
            "a: {b: 2}\ng: {h: 1}\n",
            "a: {c: {e: 2}}\n",
            "a: x\n",
            "a: {c: null}\ne: null\n",
            "f: {x: 1}\ng: null\n",
            "{}",
        ];
        let layers: Vec<Arc<Layer>> = texts.iter().map(layer).collect();
        let absent = Layer { content: Content::Absent(Absence::MissingAllowed), ..Layer::clone(&layers[0]) };
        let all: Vec<Arc<Layer>> = layers.into_iter().chain([Arc::new(absent)]).collect();
        let cache = Cache::new(HELM);
        for _ in 0..4 {
            for (first, second, third) in
                (0..all.len()).flat_map(|a| (0..all.len()).flat_map(move |b| [(a, b, a), (a, b, 0)]))
            {
                let layers = [first, second, third].map(|at| Arc::clone(&all[at]));
                let shared = cache.values(&chart, &layers).expect("nothing fails");
                let user = Tree::of(&layers, HELM).expect("the layers merge");
                let alone = chart::values(&chart, &user, HELM).expect("the values are computed");
                assert_eq!(format!("{shared:?}"), format!("{alone:?}"), "{first} {second} {third}");
            }
        }
    }
}
