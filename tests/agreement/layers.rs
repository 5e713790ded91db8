//! Layers as a text, and their merge as plain maps do it: what ours must come to.

use std::sync::Arc;
use strata::merge::{Argument, Content, Kind, Layer};
use strata::profile::Helm;
use strata::source::File;
use strata::value::{Map, Value};

/// Layers that stand one below the other with `===` between them; one that starts with `--set ` is an
/// argument, all others are values files.
pub fn split(text: &str, helm: Helm) -> Vec<Arc<Layer>> {
    let layer = |(at, text): (usize, &str)| {
        let layer = match text.trim_start().strip_prefix("--set ") {
            Some(argument) => Layer::argument(Argument::Set(File::generated("<argument>", argument, None))),
            None => Layer::read(Kind::ValueFile, &File::new("", format!("{at}.yaml"), text), helm),
        };
        Arc::new(layer)
    };
    text.split("===\n").enumerate().map(layer).collect()
}

/// The merge of values files; `None` where there are others.
pub fn naively(layers: &[Arc<Layer>]) -> Option<Value> {
    layers.iter().try_fold(Value::empty_map(), |below, layer| match &layer.content {
        Content::Document(document) => Some(over(&below, &document.root.to_value())),
        _ => None,
    })
}

fn over(below: &Value, above: &Value) -> Value {
    let (Value::Map(below), Value::Map(above)) = (below, above) else { return above.clone() };
    let kept = below.iter().filter(|(key, _)| above.get(key).is_none());
    let kept = kept.map(|(key, value)| (Arc::clone(key), value.clone()));
    let new = above.iter().map(|(key, value)| {
        let value = below.get(key).map_or_else(|| value.clone(), |below| over(below, value));
        (Arc::clone(key), value)
    });
    Value::Map(Arc::new(kept.chain(new).collect::<Map>()))
}
