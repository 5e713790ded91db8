//! The functions that belong to Helm's engine and not to Sprig.

use super::problem::MARKS;
use crate::template::functions::{Context, Function, StandIn};
use crate::template::types::Type;
use crate::template::value::{Kind, Value};
use crate::value as plain;

const TEXT: Type = Type::String;

/// `required`, `fail` and `lookup`.
pub const TABLE: &[Function] = &[
    Function::new("required", &[TEXT, Type::Interface], |_, a| match &a[1].kind {
        Kind::Nil => Err(marked(&a[0])),
        Kind::String(text) if text.is_empty() => Err(marked(&a[0])),
        _ => Ok(a[1].clone()),
    })
    .shallow(),
    Function::new("fail", &[TEXT], |_, a| Err(marked(&a[0]))),
    Function::new("lookup", &[TEXT, TEXT, TEXT, TEXT], |context, a| Ok(lookup(context, a))),
];

fn marked(message: &Value) -> String {
    format!("{}{}{}", MARKS.0, message.text(), MARKS.1)
}

/// An object of the cluster, or without a name the list of those of a kind. Nothing is known of a
/// cluster but the objects that the user supplied.
fn lookup(context: &mut Context, a: &[Value]) -> Value {
    let [api_version, kind, namespace, name] = [0, 1, 2, 3].map(|at| a[at].text());
    let is_at = |object: &plain::Value, path: [&str; 2], wanted: &str| {
        let found = object.get(path[0]).and_then(|inner| inner.get(path[1]));
        found.and_then(plain::Value::as_str).unwrap_or_default() == wanted
    };
    let is_of = |object: &&plain::Value, key: &str, wanted: &str| {
        object.get(key).and_then(plain::Value::as_str) == Some(wanted)
    };
    let found: Vec<&plain::Value> = context
        .objects
        .iter()
        .filter(|object| is_of(object, "apiVersion", &api_version) && is_of(object, "kind", &kind))
        .filter(|object| namespace.is_empty() || is_at(object, ["metadata", "namespace"], &namespace))
        .filter(|object| name.is_empty() || is_at(object, ["metadata", "name"], &name))
        .collect();
    if found.is_empty() {
        context.stand_ins.push(StandIn { function: "lookup", source: "the cluster" });
        return Value::map::<&str>([]);
    }
    if !name.is_empty() {
        return Value::from(found[0]);
    }
    Value::map([
        ("apiVersion", Value::from(&*api_version)),
        ("kind", format!("{kind}List").into()),
        ("items", Value::list(found.into_iter().map(Value::from).collect())),
    ])
}
