//! Values of a chart with one layer after the other laid on them.
//!
//! Helm merges the user's layers first and lays the chart's defaults under them in the end, so that many
//! Applications with the same first layers would each lay the same defaults under these. Mostly a layer may
//! as well be laid on values that have the defaults already ([`commutes`] says when): then the values of
//! the first layers are computed once and shared.

use super::values::{Values, alone};
use super::{Chart, Warning};
use crate::merge::{self, Body, Cell, Content, DEEPEST, Layer, LayerId, Said, Shape, Write};
use crate::profile::Helm;
use crate::yaml::{Entry, Kind, Node};
use std::sync::Arc;

/// The values of a chart without subcharts and of some of the user's layers.
#[derive(Clone, Debug)]
pub struct Laid {
    chart: Arc<Chart>,
    root: Cell,
    warnings: Vec<Warning>,
    layers: Vec<Arc<Layer>>,
}

impl Laid {
    /// A chart's values without any layer; `None` if it has subcharts, or may have.
    pub fn new(chart: &Arc<Chart>, helm: Helm) -> Option<Self> {
        if !chart.charts.is_empty() || chart.metadata.dependencies.is_some() {
            return None;
        }
        let values = super::values(chart, &merge::Tree::new(), helm).ok()?;
        Some(Self::of(chart, values, Vec::new()))
    }

    /// What [`super::values`] gives for a chart without subcharts and these layers.
    pub fn of(chart: &Arc<Chart>, values: Values, layers: Vec<Arc<Layer>>) -> Self {
        Self { chart: Arc::clone(chart), root: values.root, warnings: values.warnings, layers }
    }

    /// The same values with one more layer, as if all had been computed together; `None` where it would
    /// not be the same.
    pub fn with(mut self, layer: &Arc<Layer>) -> Option<Self> {
        match &layer.content {
            Content::Absent(_) => {}
            Content::Document(document) if commutes(&self.root, &document.root, 0) => {
                let id = LayerId::user(self.layers.len());
                self.root.overlay(Write::document(id, document), 0).ok()?;
            }
            Content::Document(_) | Content::Argument(_) | Content::Broken(_) => return None,
        }
        self.layers.push(Arc::clone(layer));
        Some(self)
    }

    /// The layers that were laid on the defaults, lowest first.
    pub fn layers(&self) -> &[Arc<Layer>] {
        &self.layers
    }

    /// The values.
    pub fn into_values(self) -> Values {
        alone(&self.chart, self.root, &self.layers, self.warnings)
    }
}

/// Whether a layer comes to the same laid on values that have a chart's defaults as laid below them, on what
/// other layers say: wherever there is a default, it, what became of it and the layer are all maps, or all
/// neither maps nor null. Then no null removes anything, nothing but maps is merged, and Helm warns of
/// nothing.
fn commutes(below: &Cell, above: &Node, depth: usize) -> bool {
    let Some(default) = below.writes.as_slice().iter().find(|write| write.layer.as_chart().is_some()) else {
        // There are no defaults in it either.
        return true;
    };
    match (below.shape(), default.shape(), &above.kind) {
        (None | Some(Shape::Null), ..) | (_, Shape::Null, _) | (.., Kind::Null) => false,
        (Some(Shape::Map), Shape::Map, Kind::Map(added)) => match (&below.body, &default.said) {
            _ if depth > DEEPEST => false,
            (Body::Map(_, entries), _) => added.iter().all(|entry| {
                let found = entries.binary_search_by(|lower| lower.key.cmp(&entry.key));
                found.map_or(true, |at| commutes(&entries[at].cell, &entry.value, depth + 1))
            }),
            (Body::Whole, Said::Node(default)) => commutes_with(default, above, depth),
            _ => false,
        },
        (Some(Shape::Map), ..) | (_, Shape::Map, _) | (.., Kind::Map(_)) => false,
        _ => true,
    }
}

/// The same on a default alone.
fn commutes_with(default: &Node, above: &Node, depth: usize) -> bool {
    match (&default.kind, &above.kind) {
        (Kind::Null, _) | (_, Kind::Null) => false,
        (Kind::Map(_), Kind::Map(added)) => {
            let commutes = |entry: &Entry| {
                default.get(&entry.key).is_none_or(|default| commutes_with(default, &entry.value, depth + 1))
            };
            depth <= DEEPEST && added.iter().all(commutes)
        }
        (Kind::Map(_), _) | (_, Kind::Map(_)) => false,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chart::{ChartFile, values};
    use crate::merge::Tree;
    use crate::source::File;
    use proptest::prelude::*;

    fn layer(at: usize, text: &str, helm: Helm) -> Arc<Layer> {
        Arc::new(Layer::read(merge::Kind::ValueFile, &File::new("", format!("{at}.yaml"), text), helm))
    }

    /// A chart's values with layers laid on them one by one, wherever that may be, and how often it might not.
    fn one_by_one(chart: &Arc<Chart>, layers: &[Arc<Layer>], helm: Helm) -> (Values, usize) {
        let mut laid = Laid::new(chart, helm).expect("the chart has no subcharts");
        let mut others = 0;
        for (at, layer) in layers.iter().enumerate() {
            laid = laid.with(layer).unwrap_or_else(|| {
                others += 1;
                let layers = &layers[..=at];
                Laid::of(chart, together(chart, layers, helm), layers.to_vec())
            });
        }
        (laid.into_values(), others)
    }

    fn together(chart: &Arc<Chart>, layers: &[Arc<Layer>], helm: Helm) -> Values {
        let user = Tree::of(layers, helm).expect("the layers merge");
        values(chart, &user, helm).expect("the values are computed")
    }

    fn differences(defaults: &str, layers: &[String], helm: Helm) -> usize {
        let file = |path: &str, text: &str| ChartFile::of(path, &File::new("charts", path, text));
        let files = vec![
            file("Chart.yaml", "apiVersion: v2\nname: app\nversion: 1.0.0\n"),
            file("values.yaml", defaults),
        ];
        let chart = Arc::new(Chart::load(files, helm).expect("the chart loads"));
        let layers: Vec<_> = layers.iter().enumerate().map(|(at, text)| layer(at, text, helm)).collect();
        let (values, others) = one_by_one(&chart, &layers, helm);
        let expected = together(&chart, &layers, helm);
        assert_eq!(format!("{values:?}"), format!("{expected:?}"), "{defaults} {layers:?} {helm:?}");
        others
    }

    #[test]
    fn where_order_matters_the_values_are_computed_together() {
        for (defaults, layers, others) in [
            ("a: {b: 1, c: x}", vec!["a: {b: 2}", "a: {d: {e: 1}}", "a: {d: {e: 2}, c: y}"], 0),
            // A map that comes back merges with the default, not with what was there in between.
            ("a: {b: 1}", vec!["a: x", "a: {c: 1}"], 2),
            ("a: {b: 1}", vec!["a: null", "a: {c: 1}"], 2),
            ("a: 1", vec!["a: {b: 1}", "a: 2"], 2),
            ("a: {b: null}", vec!["a: {b: 1}", "a: {c: 1}"], 1),
            // What has no default is the user's alone.
            ("a: 1", vec!["b: {c: 1}", "b: null", "b: {d: 1}", "b: x"], 0),
            ("", vec!["a: {b: 1}", "a: {c: null}"], 0),
        ] {
            let layers: Vec<String> = layers.into_iter().map(str::to_owned).collect();
            assert_eq!(differences(defaults, &layers, Helm::V4_3), others, "{defaults} {layers:?}");
        }
    }

    /// Small trees in flow style with few keys, so that they meet.
    fn tree() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            Just("1".to_owned()),
            Just("x".to_owned()),
            Just("null".to_owned()),
            Just("[1, {a: 2}]".to_owned()),
            Just("{}".to_owned()),
        ];
        leaf.prop_recursive(3, 24, 4, map_of)
    }

    fn map_of(inner: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
        proptest::collection::btree_map("[a-d]", inner, 0..4).prop_map(|entries| {
            let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}: {value}")).collect();
            format!("{{{}}}", entries.join(", "))
        })
    }

    proptest! {
        #[test]
        fn layers_one_by_one_give_what_all_give_together(
            defaults in map_of(tree()),
            layers in proptest::collection::vec(map_of(tree()), 1..5),
            helm in prop_oneof![Just(Helm::V3_19), Just(Helm::V3_22), Just(Helm::V4_3)],
        ) {
            differences(&defaults, &layers, helm);
        }
    }
}
