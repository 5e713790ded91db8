//! The words of santhosh-tekuri/jsonschema 6 (Helm 3.19 on): `at '/replicaCount': got string, want integer`,
//! with what an `anyOf` and the like come to indented below it.

use super::numbers::{count, double};
use super::reasons::reason;
use super::{Rules, all_quoted, entries, is_of, limit, listed, names, number, quoted, same, slips};
use crate::profile::Helm;
use crate::schema::document::push;
use crate::schema::{format, instance, keyword};
use crate::value::Value;
use serde_json::{Map, Value as Json};
use std::collections::HashSet;

/// The failures, a line each.
pub fn tell(rules: Rules<'_>, values: &Value, helm: Helm) -> String {
    let schema = &rules.translation.json;
    let walk = Walk { rules, slips: slips(helm) };
    let Err(failure) = walk.schema(schema, values, "") else { return String::new() };
    let mut lines = String::new();
    match failure.form {
        Form::Group => failure.causes.iter().for_each(|cause| cause.write(0, &mut lines)),
        Form::Rule | Form::Reference => failure.write(0, &mut lines),
    }
    lines
}

/// A rule that is broken, with what led to it.
struct Failure {
    form: Form,
    at: String,
    words: String,
    causes: Vec<Failure>,
}

enum Form {
    /// A keyword.
    Rule,
    /// Several keywords of one schema.
    Group,
    /// What a `$ref` points to; not told if it has one cause alone.
    Reference,
}

impl Failure {
    fn new(at: &str, words: impl Into<String>) -> Self {
        Self { form: Form::Rule, at: at.to_owned(), words: words.into(), causes: Vec::new() }
    }

    fn write(&self, indent: usize, lines: &mut String) {
        let told = !(matches!(self.form, Form::Reference) && self.causes.len() == 1);
        if told {
            let line = format!("{}- at {}: {}\n", "  ".repeat(indent), quoted(&self.at), self.words);
            lines.push_str(&line);
        }
        self.causes.iter().for_each(|cause| cause.write(indent + usize::from(told), lines));
    }

    fn by_reference(self) -> Self {
        let at = self.at.clone();
        let causes = if matches!(self.form, Form::Group) { self.causes } else { vec![self] };
        Self { form: Form::Reference, at, words: "validation failed".to_owned(), causes }
    }
}

/// What of a value some schema has looked at (`unevaluatedProperties` and `unevaluatedItems` want the rest).
#[derive(Default)]
struct Seen {
    keys: HashSet<String>,
    items: HashSet<usize>,
}

/// What is known so far of one value under one schema.
struct Here<'a, 'p> {
    rule: &'a Rule,
    at: &'p str,
    seen: Seen,
    failures: Vec<Failure>,
}

impl Here<'_, '_> {
    fn fail(&mut self, words: impl Into<String>) {
        self.failures.push(Failure::new(self.at, words));
    }

    fn fail_with(&mut self, words: impl Into<String>, causes: Vec<Failure>) {
        self.failures.push(Failure { causes, ..Failure::new(self.at, words) });
    }

    /// Another schema of the same value.
    fn add(&mut self, outcome: Result<Seen, Failure>) -> Option<Failure> {
        match outcome {
            Ok(seen) => {
                self.seen.keys.extend(seen.keys);
                self.seen.items.extend(seen.items);
                None
            }
            Err(failure) => Some(failure),
        }
    }
}

type Rule = Map<String, Json>;

struct Walk<'a> {
    rules: Rules<'a>,
    /// Whether places are told as the library up to 6.0.1 does it.
    slips: bool,
}

impl<'a> Walk<'a> {
    fn schema(&self, schema: &'a Json, value: &Value, at: &str) -> Result<Seen, Failure> {
        let rule = match schema {
            Json::Object(rule) => rule,
            Json::Bool(false) => return Err(Failure::new(at, "false schema")),
            _ => return Ok(Seen::default()),
        };
        if let Some(words) = alone(rule, value) {
            return Err(Failure::new(at, words));
        }
        let mut here = Here { rule, at, seen: Seen::default(), failures: Vec::new() };
        if let Some(target) = self.rules.target(rule) {
            let failure = here.add(self.schema(target, value, at));
            here.failures.extend(failure.map(Failure::by_reference));
        }
        match value {
            Value::Map(map) => self.map(&mut here, map, value),
            Value::List(items) => self.list(&mut here, items),
            Value::String(text) => self.text(&mut here, text),
            Value::Int(_) | Value::Float(_) => numbers(&mut here, value),
            Value::Null | Value::Bool(_) => {}
        }
        self.combined(&mut here, value);
        self.unevaluated(&mut here, value);
        match here.failures.len() {
            0 => Ok(here.seen),
            1 => Err(here.failures.remove(0)),
            _ => Err(Failure {
                form: Form::Group,
                causes: here.failures,
                ..Failure::new(at, "validation failed")
            }),
        }
    }

    /// The value at a key or position of this one.
    fn below(&self, here: &mut Here<'a, '_>, schema: &'a Json, value: &Value, step: &str) {
        let outcome = self.schema(schema, value, &push(here.at, step));
        here.failures.extend(outcome.err());
    }

    fn map(&self, here: &mut Here<'a, '_>, map: &crate::value::Map, value: &Value) {
        let rule = here.rule;
        if let Some(least) = limit(rule, "minProperties").filter(|&least| map.len() < least) {
            here.fail(format!("minProperties: got {}, want {}", count(map.len()), count(least)));
        }
        if let Some(most) = limit(rule, "maxProperties").filter(|&most| map.len() > most) {
            here.fail(format!("maxProperties: got {}, want {}", count(map.len()), count(most)));
        }
        let missing =
            |list: &'a Json| names(list).filter(|key| map.get(key).is_none()).collect::<Vec<&str>>();
        match rule.get("required").map(missing).unwrap_or_default().as_slice() {
            [] => {}
            [one] => here.fail(format!("missing property {}", quoted(one))),
            several => {
                here.fail(format!("missing properties {}", all_quoted(several.iter().copied())));
            }
        }
        self.dependencies(here, "dependencies", map, value);
        self.properties(here, map);
        if let Some(schema) = rule.get("propertyNames") {
            for (key, _) in map.iter() {
                if let Err(failure) = self.schema(schema, &Value::String(key.clone()), "") {
                    let causes =
                        if matches!(failure.form, Form::Group) { failure.causes } else { vec![failure] };
                    let at = if self.slips { "" } else { here.at };
                    let words = format!("invalid propertyName {}", quoted(key));
                    here.failures.push(Failure { causes, ..Failure::new(at, words) });
                }
            }
        }
        self.dependencies(here, "dependentSchemas", map, value);
        self.dependencies(here, "dependentRequired", map, value);
    }

    /// Keywords with schemas, or lists of keys, for when a key is there.
    fn dependencies(&self, here: &mut Here<'a, '_>, keyword: &str, map: &crate::value::Map, value: &Value) {
        for (key, dependency) in entries(here.rule, keyword).filter(|(key, _)| map.get(key).is_some()) {
            if dependency.is_array() {
                let missing: Vec<&str> = names(dependency).filter(|key| map.get(key).is_none()).collect();
                if !missing.is_empty() {
                    let words =
                        format!("properties {} required, if {} exists", all_quoted(missing), quoted(key));
                    here.fail(words);
                }
            } else {
                let failure = here.add(self.schema(dependency, value, here.at));
                here.failures.extend(failure);
            }
        }
    }

    fn properties(&self, here: &mut Here<'a, '_>, map: &crate::value::Map) {
        let rule = here.rule;
        let known = rule.get("properties").and_then(Json::as_object);
        let mut unexpected = Vec::new();
        for (key, value) in map.iter() {
            let mut schemas: Vec<&'a Json> = known.and_then(|known| known.get(&**key)).into_iter().collect();
            schemas.extend(self.rules.by_pattern(rule, key));
            if schemas.is_empty() {
                match rule.get("additionalProperties") {
                    None => continue,
                    Some(Json::Bool(false)) => unexpected.push(&**key),
                    Some(schema) => schemas.push(schema),
                }
            }
            here.seen.keys.insert(key.to_string());
            for schema in schemas {
                self.below(here, schema, value, key);
            }
        }
        if !unexpected.is_empty() {
            here.fail(format!("additional properties {} not allowed", all_quoted(unexpected)));
        }
    }

    fn list(&self, here: &mut Here<'a, '_>, items: &[Value]) {
        let rule = here.rule;
        if let Some(least) = limit(rule, "minItems").filter(|&least| items.len() < least) {
            here.fail(format!("minItems: got {}, want {}", count(items.len()), count(least)));
        }
        if let Some(most) = limit(rule, "maxItems").filter(|&most| items.len() > most) {
            here.fail(format!("maxItems: got {}, want {}", count(items.len()), count(most)));
        }
        if rule.get("uniqueItems") == Some(&Json::Bool(true)) {
            let items: Vec<Json> = items.iter().map(instance::to_json).collect();
            let twice = (1..items.len()).find_map(|at| {
                (0..at).find(|&other| same(&items[at], &items[other])).map(|other| (other, at))
            });
            if let Some((one, other)) = twice {
                here.fail(format!("items at {} and {} are equal", count(one), count(other)));
            }
        }
        self.items(here, items);
        if let Some(contained) = rule.get("contains") {
            self.contains(here, contained, items);
        }
    }

    fn items(&self, here: &mut Here<'a, '_>, items: &[Value]) {
        let rule = here.rule;
        // In 2019-09 the translation keeps the old names.
        let old = rule.get("items").is_some_and(Json::is_array);
        let (head, further) = if old {
            (listed(rule, "items"), rule.get("additionalItems"))
        } else {
            (listed(rule, "prefixItems"), rule.get("items"))
        };
        let head_length = head.len().min(items.len());
        for (at, (schema, item)) in head.iter().zip(items).enumerate() {
            here.seen.items.insert(at);
            self.below(here, schema, item, &at.to_string());
        }
        let Some(schema) = further else { return };
        if let Some(allowed) = rule.get(keyword::FURTHER_ITEMS) {
            if *allowed == Json::Bool(false) && items.len() > head_length {
                here.fail(format!("last {} additionalItem(s) not allowed", count(items.len() - head_length)));
            }
            return;
        }
        for (at, item) in items.iter().enumerate().skip(head_length) {
            here.seen.items.insert(at);
            let told = if self.slips { at - head_length } else { at };
            self.below(here, schema, item, &told.to_string());
        }
    }

    fn contains(&self, here: &mut Here<'a, '_>, contained: &'a Json, items: &[Value]) {
        let mut failures = Vec::new();
        let mut fitting = Vec::new();
        for (at, item) in items.iter().enumerate() {
            match self.schema(contained, item, &push(here.at, &at.to_string())) {
                Ok(_) => fitting.push(at),
                Err(failure) => failures.push(failure),
            }
        }
        if self.rules.translation.draft == jsonschema::Draft::Draft202012 {
            here.seen.items.extend(&fitting);
        }
        let places = fitting.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let matched = format!("matched {} items at {places}", count(fitting.len()));
        let required = |bound: &str, limit| {
            format!("{bound} {} items required to match contains schema, but ", count(limit))
        };
        match limit(here.rule, "minContains") {
            None if fitting.is_empty() => here.fail_with("no items match contains schema", failures),
            Some(least) if fitting.len() < least => {
                let found = if fitting.is_empty() { "none matched" } else { &matched };
                here.fail_with(required("min", least) + found, failures);
            }
            _ => {}
        }
        if let Some(most) = limit(here.rule, "maxContains").filter(|&most| fitting.len() > most) {
            here.fail(required("max", most) + &matched);
        }
    }

    fn text(&self, here: &mut Here<'a, '_>, text: &str) {
        let rule = here.rule;
        let length = text.chars().count();
        if let Some(least) = limit(rule, "minLength").filter(|&least| length < least) {
            here.fail(format!("minLength: got {}, want {}", count(length), count(least)));
        }
        if let Some(most) = limit(rule, "maxLength").filter(|&most| length > most) {
            here.fail(format!("maxLength: got {}, want {}", count(length), count(most)));
        }
        if let Some(pattern) = rule.get(keyword::PATTERN).and_then(Json::as_str)
            && !self.rules.matches(pattern, text)
        {
            here.fail(format!("{} does not match pattern {}", quoted(text), quoted(pattern)));
        }
    }

    /// Schemas that are applied to the value itself.
    fn combined(&self, here: &mut Here<'a, '_>, value: &Value) {
        let (rule, at) = (here.rule, here.at);
        let (dynamic, all): (Vec<&Json>, Vec<&Json>) =
            listed(rule, "allOf").iter().partition(|schema| schema.get(keyword::DYNAMIC).is_some());
        for reference in dynamic {
            let failure = here.add(self.schema(reference, value, at));
            here.failures.extend(failure);
        }
        if let Some(schema) = rule.get("not")
            && here.add(self.schema(schema, value, at)).is_none()
        {
            here.fail("'not' failed");
        }
        let mut failures = Vec::new();
        for schema in all {
            failures.extend(here.add(self.schema(schema, value, at)));
        }
        if !failures.is_empty() {
            here.fail_with("'allOf' failed", failures);
        }
        let any = listed(rule, "anyOf");
        let mut failures = Vec::new();
        for schema in any {
            failures.extend(here.add(self.schema(schema, value, at)));
        }
        if !any.is_empty() && failures.len() == any.len() {
            here.fail_with("'anyOf' failed", failures);
        }
        self.one_of(here, value);
        if let Some(condition) = rule.get("if") {
            let holds = here.add(self.schema(condition, value, at)).is_none();
            if let Some(schema) = rule.get(if holds { "then" } else { "else" }) {
                let failure = here.add(self.schema(schema, value, at));
                here.failures.extend(failure);
            }
        }
    }

    fn one_of(&self, here: &mut Here<'a, '_>, value: &Value) {
        let schemas = listed(here.rule, "oneOf");
        let mut failures = Vec::new();
        let mut first = None;
        for (position, schema) in schemas.iter().enumerate() {
            match (here.add(self.schema(schema, value, here.at)), first) {
                (Some(failure), _) => failures.push(failure),
                (None, None) => first = Some(position),
                (None, Some(first)) => {
                    let (first, second) = (count(first), count(position));
                    here.fail(format!("'oneOf' failed, subschemas {first}, {second} matched"));
                    break;
                }
            }
        }
        if first.is_none() && !schemas.is_empty() {
            here.fail_with("'oneOf' failed, none matched", failures);
        }
    }

    fn unevaluated(&self, here: &mut Here<'a, '_>, value: &Value) {
        let rule = here.rule;
        match value {
            Value::Map(map) => {
                let Some(schema) = rule.get("unevaluatedProperties") else { return };
                for (key, value) in map.iter() {
                    if here.seen.keys.insert(key.to_string()) {
                        self.below(here, schema, value, key);
                    }
                }
            }
            Value::List(items) => {
                let Some(schema) = rule.get("unevaluatedItems") else { return };
                for (at, item) in items.iter().enumerate() {
                    if here.seen.items.insert(at) {
                        self.below(here, schema, item, &at.to_string());
                    }
                }
            }
            _ => {}
        }
    }
}

/// Keywords that, broken, are all that is told.
fn alone(rule: &Rule, value: &Value) -> Option<String> {
    if let Some(types) = rule.get("type").filter(|types| !is_of(value, types)) {
        let named = |kind: &&str| types.as_str() == Some(kind) || names(types).any(|name| name == *kind);
        let kinds = ["null", "boolean", "number", "integer", "string", "array", "object"];
        let wanted: Vec<&str> = kinds.into_iter().filter(named).collect();
        return Some(format!("got {}, want {}", kind_of(value), wanted.join(" or ")));
    }
    let given = (rule.contains_key("const") || rule.contains_key("enum")).then(|| instance::to_json(value));
    if let (Some(given), Some(only)) = (&given, rule.get("const"))
        && !same(given, only)
    {
        let plain = !only.is_array() && !only.is_object();
        return Some(if plain {
            format!("value must be {}", shown(only))
        } else {
            "'const' failed".to_owned()
        });
    }
    if let (Some(given), Some(Json::Array(options))) = (&given, rule.get("enum"))
        && !options.iter().any(|option| same(given, option))
    {
        return Some(match options.as_slice() {
            options if options.iter().any(|option| option.is_array() || option.is_object()) => {
                "'enum' failed".to_owned()
            }
            [one] => format!("value must be {}", shown(one)),
            _ => {
                let options: Vec<String> = options.iter().map(shown).collect();
                format!("value must be one of {}", options.join(", "))
            }
        });
    }
    let name = rule.get(keyword::FORMAT).and_then(Json::as_str)?;
    let Value::String(text) = value else { return None };
    let fails = format::of_jsonschema_v6(name).is_some_and(|check| !check(text));
    fails.then(|| format!("{} is not valid {name}: {}", quoted(text), reason(name, text)))
}

fn numbers(here: &mut Here<'_, '_>, value: &Value) {
    let rule = here.rule;
    let given = number(value).unwrap_or_default();
    let mut hold = |key: &str, fails: fn(f64, f64) -> bool| {
        if let Some(bound) = rule.get(key).and_then(Json::as_f64).filter(|&bound| fails(given, bound)) {
            here.fail(format!("{key}: got {}, want {}", double(given), double(bound)));
        }
    };
    hold("minimum", |given, bound| given < bound);
    hold("maximum", |given, bound| given > bound);
    hold("exclusiveMinimum", |given, bound| given <= bound);
    hold("exclusiveMaximum", |given, bound| given >= bound);
    if let Some(divisor) = rule.get(keyword::MULTIPLE_OF).and_then(Json::as_str)
        && !keyword::is_multiple(value, divisor)
    {
        let divisor = divisor.parse().unwrap_or_default();
        here.fail(format!("multipleOf: got {}, want {}", double(given), double(divisor)));
    }
}

/// A plain value of a schema.
fn shown(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::String(text) => quoted(text),
        _ => value.to_string(),
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}
