//! Putting the parameter sets of two generators together.

use super::parameters::{Data, Parameter, Parameters, Values};
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
pub fn merge_over(
    base: &Parameters,
    over: &Parameters,
    lost: &mut Vec<Overwritten>,
) -> Result<Parameters, String> {
    merge(base, over, Values::Any, "", lost)
}

fn merge(
    base: &Parameters,
    over: &Parameters,
    values: Values,
    path: &str,
    lost: &mut Vec<Overwritten>,
) -> Result<Parameters, String> {
    let mut merged: Vec<(Arc<str>, Parameter)> = Vec::with_capacity(base.len() + over.len());
    let mut old = base.iter().peekable();
    for (name, parameter) in over.iter() {
        while let Some((before, kept)) = old.next_if(|(before, _)| *before < name) {
            merged.push((Arc::clone(before), kept.clone()));
        }
        let replaced = old.next_if(|(same, _)| *same == name).map(|(_, replaced)| replaced);
        let parameter = match (replaced.map(|replaced| &replaced.data), &parameter.data) {
            (Some(Data::Map(Values::Texts, _)), Data::Map(Values::Any, map)) if !map.is_empty() => {
                let panic =
                    "reflect.Value.SetMapIndex: value of type interface {} is not assignable to type string";
                return Err(panic.to_owned());
            }
            (Some(Data::Map(values, old)), Data::Map(_, new)) => {
                let map = Arc::new(merge(old, new, *values, &format!("{path}{name}."), lost)?);
                Parameter { data: Data::Map(*values, map), origin: parameter.origin.clone() }
            }
            _ => {
                if let Some(loser) = replaced.filter(|loser| loser.text() != parameter.text()) {
                    let name = format!("{path}{name}");
                    lost.push(Overwritten { name, winner: parameter.clone(), loser: loser.clone() });
                }
                parameter.clone()
            }
        };
        merged.push((Arc::clone(name), parameter));
    }
    merged.extend(old.map(|(name, kept)| (Arc::clone(name), kept.clone())));
    debug_assert!(values == Values::Any || merged.iter().all(|(_, parameter)| parameter.as_text().is_some()));
    Ok(merged.into_iter().collect())
}
