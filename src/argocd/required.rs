//! Fields that the custom resource definition requires (spec sheet section 10).

use super::typed::{Object, Typed};
use super::types::{Presence, Type};
use crate::diagnostic::Diagnostic;
use crate::source::{File, Location};
use std::sync::Arc;

/// The required fields that are not given, in the API server's words. What is always printed is what is
/// required, but for `elements` of a list generator.
pub fn missing(spec: &Object, file: &Arc<File>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    look(spec, "spec", file, &mut found);
    found
}

fn look(object: &Object, path: &str, file: &Arc<File>, found: &mut Vec<Diagnostic>) {
    for (field, value) in object.fields() {
        let path = format!("{path}.{}", field.name);
        let optional = matches!((field.name, field.kind), ("elements", Type::List(Type::Json)));
        if field.presence == Presence::Always && !value.is_given() && !optional {
            let message = format!("{path}: Required value");
            let place = Location::new(file, object.span);
            found.push(Diagnostic::error("appset-required", message).at(place));
        }
        look_into(value, &path, file, found);
    }
}

fn look_into(value: &Typed, path: &str, file: &Arc<File>, found: &mut Vec<Diagnostic>) {
    match value {
        Typed::Object(object) => look(object, path, file, found),
        Typed::List(items) => {
            for (at, item) in items.iter().enumerate() {
                look_into(item, &format!("{path}[{at}]"), file, found);
            }
        }
        _ => {}
    }
}
