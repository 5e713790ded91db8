//! Parameter sets of one generator, overridden by those of others with the same keys (spec sheet
//! section 2.13).

use super::Run;
use crate::argocd::combine::{Aliases, merge_over};
use crate::argocd::failure::Failure;
use crate::argocd::json;
use crate::argocd::parameters::Parameters;
use crate::argocd::typed::Object;
use crate::value::Value;
use std::collections::HashMap;
use std::sync::Arc;

/// The parameter sets of a merge generator: those of the first child, in its order, each with what the
/// others have for the same keys. Argo CD's own order is random.
///
/// # Errors
/// Fewer than two children, no merge keys, a child's error, two sets of a child with the same keys.
pub fn generate(run: &mut Run, generator: &Object) -> Result<Vec<Parameters>, Failure> {
    let children: Vec<&Object> = generator.objects("generators").collect();
    if children.len() < 2 {
        let message = "found less than two generators, Merge requires two or more";
        return Err(Failure::at(message, generator.span_of("generators")));
    }
    let mut given = Vec::with_capacity(children.len());
    for (at, child) in children.iter().enumerate() {
        let outer = std::mem::replace(&mut run.merging, true);
        let sets = run.child(child, None, None);
        run.merging = outer;
        let sets = sets.map_err(|failure| {
            let context = format!("error getting params from generator {} of {}", at + 1, children.len());
            failure.within(&context).within("error getting param sets from generators")
        })?;
        given.push(sets);
    }
    let mut keys = generator.texts("mergeKeys");
    keys.sort_unstable();
    keys.dedup();
    let mut indexed = Vec::with_capacity(given.len());
    for (sets, child) in given.into_iter().zip(&children) {
        let index = index(&sets, &keys).map_err(|message| {
            let span = if keys.is_empty() { generator.span } else { child.span };
            Failure::at(message, span).within("error getting param sets by merge key")
        })?;
        indexed.push((sets, index));
    }
    let mut indexed = indexed.into_iter();
    let Some((base, base_index)) = indexed.next() else { return Ok(Vec::new()) };
    let mut keys: Vec<(&String, usize)> = base_index.iter().map(|(key, &at)| (key, at)).collect();
    keys.sort_unstable_by_key(|(_, at)| *at);
    let mut merged: Vec<Parameters> = base.iter().map(|set| Parameters::clone(set)).collect();
    // Sets of a matrix share the maps of its first child: what is merged into one shows in the others.
    let mut aliases = Aliases::default();
    for (overrides, override_index) in indexed {
        for &(key, at) in &keys {
            let Some(&other) = override_index.get(key) else { continue };
            let over = &overrides[other];
            if !run.renderer.is_go() {
                let pairs = merged[at].iter().chain(over.iter());
                merged[at] = pairs.map(|(name, parameter)| (name.clone(), parameter.clone())).collect();
                continue;
            }
            let base = aliases.current(&merged[at]);
            // Overriding is what merge is for, so nothing is told about what is lost.
            let set = merge_over(base.as_ref().unwrap_or(&merged[at]), over).map_err(Failure::new)?;
            aliases.extend(set.changed);
            merged[at] = set.parameters;
        }
    }
    for set in &mut merged {
        if let Some(current) = aliases.current(set) {
            *set = current;
        }
    }
    Ok(merged)
}

/// Positions of sets by the JSON of their merge keys.
fn index(sets: &[Arc<Parameters>], keys: &[&str]) -> Result<HashMap<String, usize>, String> {
    if keys.is_empty() {
        return Err("no merge keys were specified, Merge requires at least one".to_owned());
    }
    let mut index = HashMap::with_capacity(sets.len());
    for (at, set) in sets.iter().enumerate() {
        let pairs = keys.iter().map(|name| {
            let value = set.get(name).map_or(Value::Null, |parameter| parameter.data.to_value());
            (Arc::from(*name), value)
        });
        let key = json::write(&Value::Map(Arc::new(pairs.collect())));
        if index.contains_key(&key) {
            return Err(format!(
                "the parameters from a generator were not unique by the given mergeKeys, Merge requires all param \
                 sets to be unique. Duplicate key was {key}"
            ));
        }
        index.insert(key, at);
    }
    Ok(index)
}
