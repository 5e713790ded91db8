//! Parameter sets of one generator, overridden by those of others with the same keys (spec sheet
//! section 2.13).

use super::Run;
use crate::argocd::combine::merge_over;
use crate::argocd::failure::Failure;
use crate::argocd::parameters::{Data, Parameter, Parameters};
use crate::argocd::typed::Object;
use std::collections::HashMap;
use std::rc::Rc;

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
        let sets = run.child(child, None).map_err(|failure| {
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
    let mut merged = Rc::unwrap_or_clone(base);
    for (overrides, override_index) in indexed {
        for (key, &at) in &base_index {
            let Some(&other) = override_index.get(key) else { continue };
            merged[at] = override_set(run, &merged[at], &overrides[other])?;
        }
    }
    Ok(merged)
}

fn override_set(run: &Run, base: &Parameters, over: &Parameters) -> Result<Parameters, Failure> {
    if run.renderer.is_go() {
        // Overriding is what merge is for, so nothing is told about it.
        merge_over(base, over, &mut Vec::new()).map_err(Failure::new)
    } else {
        let pairs = base.iter().chain(over.iter());
        Ok(pairs.map(|(name, parameter)| (name.clone(), parameter.clone())).collect())
    }
}

/// Positions of sets by the JSON of their merge keys.
fn index(sets: &[Parameters], keys: &[&str]) -> Result<HashMap<String, usize>, String> {
    if keys.is_empty() {
        return Err("no merge keys were specified, Merge requires at least one".to_owned());
    }
    let mut index = HashMap::with_capacity(sets.len());
    for (at, set) in sets.iter().enumerate() {
        let mut key = String::from("{");
        for (position, name) in keys.iter().enumerate() {
            if position > 0 {
                key.push(',');
            }
            write_string(&mut key, name);
            key.push(':');
            write_json(&mut key, set.get(name));
        }
        key.push('}');
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

fn write_json(json: &mut String, parameter: Option<&Parameter>) {
    match parameter.map_or(&Data::Null, |parameter| &parameter.data) {
        Data::Null => json.push_str("null"),
        Data::Bool(bool) => json.push_str(if *bool { "true" } else { "false" }),
        Data::Float(float) => json.push_str(&crate::value::json_float(*float)),
        Data::Int(int) => json.push_str(&int.to_string()),
        Data::Text(text) => write_string(json, text),
        Data::List(_, items) => {
            json.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                write_json(json, Some(item));
            }
            json.push(']');
        }
        Data::Map(_, map) => {
            json.push('{');
            for (at, (name, value)) in map.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                write_string(json, name);
                json.push(':');
                write_json(json, Some(value));
            }
            json.push('}');
        }
    }
}

/// A string as Go's `encoding/json` writes it: safe inside HTML.
fn write_string(json: &mut String, text: &str) {
    json.push('"');
    for character in text.chars() {
        match character {
            '"' => json.push_str("\\\""),
            '\\' => json.push_str("\\\\"),
            '\n' => json.push_str("\\n"),
            '\r' => json.push_str("\\r"),
            '\t' => json.push_str("\\t"),
            '\u{8}' => json.push_str("\\b"),
            '\u{c}' => json.push_str("\\f"),
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\u{1f}' => {
                json.push_str(&format!("\\u{:04x}", character as u32));
            }
            plain => json.push(plain),
        }
    }
    json.push('"');
}
