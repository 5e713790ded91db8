//! Sprig's functions of maps (`dict.go`) and mergo v1.0.1's merging.

use super::semver::{VERSION, Version};
use super::strings::{bytes, strval};
use super::{Context, Function, MOST_ITEMS, MOST_LEVELS, TOO_DEEP};
use crate::template::types::Type;
use crate::template::value::{Kind, List, Map, Str, Struct, Value};
use std::rc::Rc;

const ANY: Type = Type::Interface;
const MAP: Type = Type::MAP;
const STRING: Type = Type::String;

/// Sprig's functions of maps.
pub const TABLE: &[Function] = &[
    Function::variadic("dict", &[ANY], dict).shallow(),
    Function::new("get", &[MAP, STRING], |_, a| {
        Ok(map_of(&a[0]).get(bytes(&a[1])).unwrap_or_else(|| "".into()))
    })
    .shallow(),
    Function::new("set", &[MAP, STRING, ANY], |_, a| {
        map_of(&a[0]).set(key_of(&a[1]), a[2].clone())?;
        Ok(a[0].clone())
    })
    .shallow(),
    Function::new("unset", &[MAP, STRING], |_, a| {
        map_of(&a[0]).remove(bytes(&a[1]));
        Ok(a[0].clone())
    })
    .shallow(),
    Function::new("hasKey", &[MAP, STRING], |_, a| Ok(map_of(&a[0]).has(bytes(&a[1])).into())).shallow(),
    Function::variadic("pluck", &[STRING, MAP], |_, a| {
        Ok(Value::list(a[1..].iter().filter_map(|map| map_of(map).get(bytes(&a[0]))).collect()))
    })
    .shallow(),
    // Go's order is random; ours is sorted.
    Function::variadic("keys", &[MAP], |context, a| {
        context.steps += a.iter().map(size).sum::<u64>();
        Ok(Value::strings(a.iter().flat_map(|map| map_of(map).snapshot()).map(|(key, _)| key)))
    })
    .shallow(),
    Function::new("values", &[MAP], |context, a| {
        context.steps += size(&a[0]);
        Ok(Value::list(map_of(&a[0]).snapshot().into_iter().map(|(_, value)| value).collect()))
    })
    .shallow(),
    Function::variadic("pick", &[MAP, STRING], |_, a| {
        let map = map_of(&a[0]);
        Ok(Value::map(a[1..].iter().filter_map(|key| Some((key_of(key), map.get(bytes(key))?)))))
    })
    .shallow(),
    Function::variadic("omit", &[MAP, STRING], |context, a| {
        context.steps += size(&a[0]);
        let omitted: Vec<Str> = a[1..].iter().map(key_of).collect();
        Ok(Value::map(map_of(&a[0]).snapshot().into_iter().filter(|(key, _)| !omitted.contains(key))))
    })
    .shallow(),
    Function::variadic("merge", &[MAP, MAP], |context, a| or_empty(merge_all(context, a, false))).shallow(),
    Function::variadic("mustMerge", &[MAP, MAP], |context, a| {
        merge_all(context, a, false).map_err(Failure::text)
    })
    .shallow(),
    Function::variadic("mergeOverwrite", &[MAP, MAP], |context, a| or_empty(merge_all(context, a, true)))
        .shallow(),
    Function::variadic("mustMergeOverwrite", &[MAP, MAP], |context, a| {
        merge_all(context, a, true).map_err(Failure::text)
    })
    .shallow(),
    Function::new("deepCopy", &[ANY], |_, a| deep_copy(&a[0])),
    Function::new("mustDeepCopy", &[ANY], |_, a| deep_copy(&a[0])),
    Function::variadic("dig", &[ANY], dig).shallow(),
];

/// The map of an argument whose parameter is a map: the executor has ruled out anything else.
fn map_of(value: &Value) -> Rc<Map> {
    value.as_map().cloned().unwrap_or_else(|| Rc::new(Map::nil(MAP)))
}

/// The number of keys of a map.
fn size(map: &Value) -> u64 {
    map.as_map().map_or(0, |map| map.len() as u64)
}

fn key_of(value: &Value) -> Str {
    value.as_string().cloned().unwrap_or_else(|| "".into())
}

fn dict(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let entry = |pair: &[Value]| Ok((strval(&pair[0])?, pair.get(1).cloned().unwrap_or_else(|| "".into())));
    Ok(Value::map(a.chunks(2).map(entry).collect::<Result<Vec<_>, String>>()?))
}

fn dig(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let [keys @ .., default, last] = a else {
        return Err("dig needs at least three arguments".to_owned());
    };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".to_owned());
    }
    let mut map = asserted_map(last)?;
    let wrong_key = keys.iter().find(|key| key.as_string().is_none());
    if let Some(key) = wrong_key {
        return Err(format!("interface conversion: interface {{}} is {}, not string", dynamic_name(key)));
    }
    for (at, key) in keys.iter().enumerate() {
        match map.get(bytes(key)) {
            None => return Ok(default.clone()),
            Some(value) if at + 1 == keys.len() => return Ok(value),
            Some(value) => map = asserted_map(&value)?,
        }
    }
    Ok(default.clone())
}

fn dynamic_name(value: &Value) -> String {
    if value.is_nil() { "nil".to_owned() } else { value.type_name() }
}

/// Go's `value.(map[string]interface {})`: named map types are not it.
fn asserted_map(value: &Value) -> Result<Rc<Map>, String> {
    value.as_map().filter(|map| map.of == MAP).cloned().ok_or_else(|| {
        format!(
            "interface conversion: interface {{}} is {}, not map[string]interface {{}}",
            dynamic_name(value)
        )
    })
}

/// Why a merge failed: mergo returns an error, or reflection panics.
enum Failure {
    Error(String),
    Panic(String),
}

impl Failure {
    fn text(self) -> String {
        let (Self::Error(text) | Self::Panic(text)) = self;
        text
    }
}

/// Sprig's `merge` swallows errors, though not panics.
fn or_empty(merged: Result<Value, Failure>) -> Result<Value, String> {
    match merged {
        Err(Failure::Error(_)) => Ok("".into()),
        merged => merged.map_err(Failure::text),
    }
}

fn merge_all(context: &mut Context, a: &[Value], overwrite: bool) -> Result<Value, Failure> {
    let mut merge = Merge { overwrite, left: MOST_ITEMS };
    let mut target = a[0].clone();
    for source in &a[1..] {
        if map_of(&target).nil && !map_of(source).nil {
            target = Value::map::<Str>([]).made_from(target.origin);
        }
        merge.maps(&map_of(&target), &map_of(source), MOST_LEVELS)?;
    }
    context.steps += MOST_ITEMS - merge.left;
    Ok(target)
}

/// A merge under way.
struct Merge {
    /// Whether `source` overwrites all, or only fills what is empty.
    overwrite: bool,
    /// How many more items are looked at.
    left: u64,
}

impl Merge {
    /// mergo's `deepMerge` of two maps.
    fn maps(&mut self, target: &Map, source: &Map, levels: usize) -> Result<(), Failure> {
        let levels = levels.checked_sub(1).ok_or_else(|| Failure::Panic(TOO_DEEP.to_owned()))?;
        let left = self.left.checked_sub(source.len() as u64);
        self.left =
            left.ok_or_else(|| Failure::Panic(format!("more than {MOST_ITEMS} items are not merged")))?;
        let set = |key: &Str, value: &Value| {
            if source.of.element() != target.of.element() && target.of.element() != ANY {
                return Err(Failure::Panic(format!(
                    "reflect.Value.SetMapIndex: value of type {} is not assignable to type {}",
                    source.of.element(),
                    target.of.element()
                )));
            }
            target.set(key.clone(), value.clone()).map_err(Failure::Panic)
        };
        // A map merged into itself is walked as it was.
        for (key, value) in source.snapshot() {
            let old = target.get(&**key);
            if value.is_nil() {
                if self.overwrite {
                    set(&key, &value)?;
                }
                continue;
            }
            match &value.kind {
                Kind::Map(_) | Kind::Struct(_) | Kind::Time(_) => {
                    if let Some(old) = &old {
                        self.element(old, &value, levels)?;
                    }
                }
                Kind::List(_) | Kind::Bytes(_) if self.overwrite || target.is_empty() => set(&key, &value)?,
                _ => {}
            }
            let both_maps = |old: &Value| matches!((&old.kind, &value.kind), (Kind::Map(_), Kind::Map(_)));
            let kept = old.as_ref().is_some_and(|old| {
                !is_empty(old) && (matches!(value.kind, Kind::List(_) | Kind::Bytes(_)) || both_maps(old))
            });
            if !kept && (self.overwrite || old.as_ref().is_none_or(is_empty)) {
                set(&key, &value)?;
            }
        }
        Ok(())
    }

    /// What was there before is merged into where it is a map, or a pointer.
    fn element(&mut self, old: &Value, value: &Value, levels: usize) -> Result<(), Failure> {
        match (&old.kind, &value.kind) {
            (Kind::Map(old), Kind::Map(value)) if !old.nil => self.maps(old, value, levels),
            (Kind::Struct(old), kind) if old.pointer && !self.overwrite => match kind {
                Kind::Struct(value) if value.pointer => Ok(()),
                _ => Err(Failure::Error("src and dst must be of same type".to_owned())),
            },
            _ => Ok(()),
        }
    }
}

/// mergo's `isEmptyValue`.
fn is_empty(value: &Value) -> bool {
    match &value.kind {
        Kind::Complex(..) => false,
        _ => !value.truth(),
    }
}

/// `copystructure.Copy`.
fn deep_copy(value: &Value) -> Result<Value, String> {
    if value.is_nil() {
        return Err("reflect: call of reflect.Value.Type on zero Value".to_owned());
    }
    copy(value, MOST_LEVELS)
}

fn copy(value: &Value, levels: usize) -> Result<Value, String> {
    let levels = levels.checked_sub(1).ok_or(TOO_DEEP)?;
    let copies =
        |values: &[Value]| values.iter().map(|value| copy(value, levels)).collect::<Result<Vec<_>, _>>();
    let kind = match &value.kind {
        Kind::List(list) if list.nil => Kind::List(Rc::new(List::nil(list.of))),
        Kind::List(list) => Kind::List(Rc::new(List::new(list.of, copies(list)?))),
        Kind::Map(map) if map.nil => Kind::Map(Rc::new(Map::nil(map.of))),
        Kind::Map(map) => {
            let entries = map.snapshot().into_iter().map(|(key, value)| Ok((key, copy(&value, levels)?)));
            Kind::Map(Rc::new(Map::new(map.of, entries.collect::<Result<_, String>>()?)))
        }
        // Its fields are Go's own affair, which a copy leaves at zero.
        Kind::Struct(value) if *value.of == VERSION => {
            return Ok(Version::default().into_value(value.pointer));
        }
        Kind::Struct(value) => Kind::Struct(Rc::new(Struct {
            of: value.of,
            pointer: value.pointer,
            fields: copies(&value.fields)?,
        })),
        kind => kind.clone(),
    };
    Ok(Value { kind, origin: value.origin.clone() })
}
