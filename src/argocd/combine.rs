//! Putting the parameter sets of two generators together.

use super::parameters::{Data, Parameter, Parameters, Values};
use std::collections::HashMap;
use std::sync::Arc;

/// A parameter that another generator's replaced.
#[derive(Clone, Debug)]
pub struct Overwritten {
    /// Its name, with dots into maps.
    pub name: String,
    /// What is there now.
    pub winner: Parameter,
    /// What was there.
    pub loser: Parameter,
}

/// fasttemplate: all become strings, and what both have must be equal.
///
/// # Errors
/// A name with two values, in the controller's words.
pub fn combine_texts(first: &Parameters, second: &Parameters) -> Result<Parameters, String> {
    let as_text = |(name, parameter): (&Arc<str>, &Parameter)| {
        (Arc::clone(name), Parameter::string(parameter.text(), parameter.origin.clone()))
    };
    for (name, parameter) in second.iter() {
        if let Some(other) = first.get(name).filter(|other| other.text() != parameter.text()) {
            let (a, b) = (other.text(), parameter.text());
            return Err(format!("found duplicate key {name} with different value, a: {a} ,b: {b}"));
        }
    }
    Ok(second.iter().chain(first.iter()).map(as_text).collect())
}

/// mergo with override: `over` wins, also where it is empty; maps are merged key by key, everything
/// else is replaced.
///
/// # Errors
/// Go panics where a map of strings would have to take values of any kind.
pub fn merge_over(base: &Parameters, over: &Parameters) -> Result<Merged, String> {
    let mut merged = Merged::default();
    merged.parameters = merged.merge(base, over, "")?;
    Ok(merged)
}

/// What merging gave.
#[derive(Debug, Default)]
pub struct Merged {
    /// The parameters.
    pub parameters: Parameters,
    /// Parameters that were replaced.
    pub lost: Vec<Overwritten>,
    /// Maps that were merged into, and what they are now: in Go whoever holds the old one sees the
    /// change.
    pub changed: Vec<(Arc<Parameters>, Arc<Parameters>)>,
}

/// Maps that several parameter sets hold, and what they have become.
#[derive(Debug, Default)]
pub struct Aliases(HashMap<*const Parameters, (Arc<Parameters>, Arc<Parameters>)>);

impl Aliases {
    /// Takes note of changed maps. The old ones are kept, so that their addresses stay theirs.
    pub fn extend(&mut self, changed: Vec<(Arc<Parameters>, Arc<Parameters>)>) {
        self.0.extend(changed.into_iter().map(|(old, new)| (Arc::as_ptr(&old), (old, new))));
    }

    /// The parameters with every changed map as it is now; `None` if none is in them.
    pub fn current(&self, parameters: &Parameters) -> Option<Parameters> {
        if self.0.is_empty() {
            return None;
        }
        let changed = parameters.iter().filter_map(|(name, parameter)| {
            let Data::Map(values, map) = &parameter.data else { return None };
            let mut latest = map;
            while let Some((_, new)) = self.0.get(&Arc::as_ptr(latest)) {
                latest = new;
            }
            let inner = self.current(latest).map(Arc::new);
            if inner.is_none() && Arc::ptr_eq(latest, map) {
                return None;
            }
            let data = Data::Map(*values, inner.unwrap_or_else(|| Arc::clone(latest)));
            Some((Arc::clone(name), Parameter { data, origin: parameter.origin.clone() }))
        });
        let changed: Vec<_> = changed.collect();
        let mut current = (!changed.is_empty()).then(|| parameters.clone())?;
        for (name, parameter) in changed {
            current.insert(name, parameter);
        }
        Some(current)
    }
}

impl Merged {
    fn merge(&mut self, base: &Parameters, over: &Parameters, path: &str) -> Result<Parameters, String> {
        let mut merged: Vec<(Arc<str>, Parameter)> = Vec::with_capacity(base.len() + over.len());
        let mut old = base.iter().peekable();
        for (name, parameter) in over.iter() {
            while let Some((before, kept)) = old.next_if(|(before, _)| *before < name) {
                merged.push((Arc::clone(before), kept.clone()));
            }
            let replaced = old.next_if(|(same, _)| *same == name).map(|(_, replaced)| replaced);
            let parameter = match (replaced.map(|replaced| &replaced.data), &parameter.data) {
                (Some(Data::Map(Values::Texts, _)), Data::Map(Values::Any, map)) if !map.is_empty() => {
                    let panic = "reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string";
                    return Err(panic.to_owned());
                }
                (Some(Data::Map(values, old)), Data::Map(_, new)) => {
                    let map = Arc::new(self.merge(old, new, &format!("{path}{name}."))?);
                    self.changed.push((Arc::clone(old), Arc::clone(&map)));
                    Parameter { data: Data::Map(*values, map), origin: parameter.origin.clone() }
                }
                _ => {
                    if let Some(loser) = replaced.filter(|loser| loser.text() != parameter.text()) {
                        let name = format!("{path}{name}");
                        self.lost.push(Overwritten { name, winner: parameter.clone(), loser: loser.clone() });
                    }
                    parameter.clone()
                }
            };
            merged.push((Arc::clone(name), parameter));
        }
        merged.extend(old.map(|(name, kept)| (Arc::clone(name), kept.clone())));
        Ok(merged.into_iter().collect())
    }
}
