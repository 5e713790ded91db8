//! Methods of Helm's own types: `.Files`, `.Values` and `.Capabilities.APIVersions`.

use crate::repository::glob::Gobwas;
use crate::template::functions::Function;
use crate::template::quote::quote;
use crate::template::types::Type;
use crate::template::value::{Kind, List, Map, Str, Value};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bstr::ByteSlice;
use std::rc::Rc;

/// Methods of `.Files`.
pub const FILES: &[Function] = &[
    Function::new("Get", &[Type::String], |_, a| Ok(Str::from(&*file(&a[0], &a[1])).into())).shallow(),
    Function::new("GetBytes", &[Type::String], |_, a| Ok(Kind::Bytes(file(&a[0], &a[1]).into()).into()))
        .shallow(),
    Function::new("Glob", &[Type::String], |_, a| Ok(glob(&a[0], &a[1].text()))).shallow(),
    Function::new("Lines", &[Type::String], |context, a| {
        let exists = a[0].as_map().zip(a[1].as_string()).is_some_and(|(map, name)| map.has(&**name));
        let text = file(&a[0], &a[1]);
        if exists && text.is_empty() && !context.profile.helm.is_4() {
            return Err("runtime error: index out of range [-1]".to_owned());
        }
        Ok(lines(&text))
    })
    .shallow(),
    Function::new("AsConfig", &[], |_, a| as_yaml(&a[0], |bytes| Str::from(bytes))),
    Function::new("AsSecrets", &[], |_, a| as_yaml(&a[0], |bytes| STANDARD.encode(bytes).into())),
];

/// Methods of `.Values` and of the dot itself.
pub const VALUES: &[Function] = &[
    Function::new("YAML", &[], |_, a| Ok(super::to_yaml(&a[0])?.into())),
    Function::new("Table", &[Type::String], |_, a| table(&a[0], &a[1].text())).shallow(),
    Function::new("AsMap", &[], |_, a| Ok(as_map(&a[0]))).shallow(),
    Function::new("PathValue", &[Type::String], |_, a| path_value(&a[0], &a[1].text())).shallow(),
    // It takes an `io.Writer`, which no template has.
    Function::new("Encode", &[Type::Time], |_, _| Ok(Value::NIL)),
];

/// Methods of `.Capabilities.APIVersions`.
pub const VERSION_SET: &[Function] = &[Function::new("Has", &[Type::String], |_, a| {
    let wanted = a[1].text();
    let is_wanted = |version: &Value| version.text() == wanted;
    Ok(a[0].items().is_some_and(|versions| versions.iter().any(is_wanted)).into())
})
.shallow()];

fn entries(files: &Value) -> Vec<(Str, Vec<u8>)> {
    let map = files.as_map().map(|map| map.snapshot()).unwrap_or_default();
    let bytes = |value: Value| if let Kind::Bytes(bytes) = value.kind { bytes.to_vec() } else { Vec::new() };
    map.into_iter().map(|(name, value)| (name, bytes(value))).collect()
}

/// The bytes of a file; empty if there is no such file.
fn file(files: &Value, name: &Value) -> Vec<u8> {
    let found = files.as_map().zip(name.as_string()).and_then(|(map, name)| map.get(&**name));
    match found.map(|value| value.kind) {
        Some(Kind::Bytes(bytes)) => bytes.to_vec(),
        _ => Vec::new(),
    }
}

/// The files whose paths match; all of them if the pattern is malformed.
fn glob(files: &Value, pattern: &str) -> Value {
    let glob = Gobwas::of_paths(pattern).ok();
    let matches = |name: &Str| glob.as_ref().is_none_or(|glob| glob.matches(&name.text()));
    let map = files.as_map().map(|map| map.snapshot()).unwrap_or_default();
    let found = map.into_iter().filter(|(name, _)| matches(name)).collect();
    Kind::Map(Rc::new(Map::new(Type::Files, found))).into()
}

fn lines(text: &[u8]) -> Value {
    if text.is_empty() {
        return Value::strings::<Str>([]);
    }
    let text = text.strip_suffix(b"\n").unwrap_or(text);
    Value::strings(text.split_str("\n").map(Str::from))
}

/// The files by the last segments of their paths, as YAML.
fn as_yaml(files: &Value, text: impl Fn(&[u8]) -> Str) -> Result<Value, String> {
    let base = |name: Str| match name.trim_end_with(|char| char == '/').rfind_byte(b'/') {
        Some(at) => Str::from(&name.trim_end_with(|char| char == '/')[at + 1..]),
        None => name,
    };
    let entries = entries(files).into_iter().map(|(name, bytes)| (base(name), text(&bytes)));
    let yaml = super::to_yaml(&Value::string_map(entries))?;
    Ok(yaml.strip_suffix('\n').unwrap_or(&yaml).into())
}

fn as_map(values: &Value) -> Value {
    match values.as_map() {
        Some(map) if !map.is_empty() => {
            Value::from(Kind::Map(Rc::new(map.viewed_as(Type::MAP)))).made_from(values.origin.clone())
        }
        _ => Value::map::<Str>([]),
    }
}

/// A table of the values; its path has dots between the keys.
pub fn table(values: &Value, path: &str) -> Result<Value, String> {
    let mut table = values.clone();
    let of = values.type_of().unwrap_or(Type::MAP);
    for key in path.split('.') {
        let found = table.as_map().and_then(|map| map.get(key));
        table = match &found {
            Some(Value { kind: Kind::Map(map), origin }) => {
                Value::from(Kind::Map(Rc::new(map.viewed_as(of)))).made_from(origin.clone())
            }
            _ => return Err(format!("{} is not a table", quote(key))),
        };
    }
    Ok(table)
}

/// A value that is no table.
fn path_value(values: &Value, path: &str) -> Result<Value, String> {
    if path.is_empty() {
        return Err("YAML path cannot be empty".to_owned());
    }
    let (parent, key) = match path.rsplit_once('.') {
        Some((parent, key)) => (table(values, parent).ok(), key),
        None => (Some(values.clone()), path),
    };
    let found = parent.and_then(|parent| parent.as_map().and_then(|map| map.get(key)));
    found.filter(|value| value.as_map().is_none()).ok_or_else(|| format!("{} is not a value", quote(key)))
}

/// A list of versions as Helm's type of them.
pub fn methods_of(list: &List) -> &'static [Function] {
    if matches!(list.of, Type::VersionSet(_)) { VERSION_SET } else { &[] }
}
