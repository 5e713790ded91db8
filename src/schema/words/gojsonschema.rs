//! The words of xeipuuv/gojsonschema (Helm 3.17 and 3.18): `replicaCount: Must be less than or equal to 10`.

use super::{Rules, entries, is_of, is_whole, limit, listed, names, number};
use crate::schema::{format, instance, keyword};
use crate::value::{Value, go_float};
use serde_json::{Map, Value as Json};

/// The failures, a line each.
pub fn tell(rules: Rules<'_>, values: &Value) -> String {
    let mut told = Told::default();
    let schema = &rules.translation.json;
    Walk { rules }.schema(schema, values, "(root)", &mut told);
    told.lines.iter().map(|line| format!("- {line}\n")).collect()
}

/// What a schema came to. Of alternatives that fail, the one with the highest score is told.
#[derive(Default)]
struct Told {
    lines: Vec<String>,
    score: i64,
}

impl Told {
    fn fail(&mut self, at: &str, words: &str) {
        self.lines.push(format!("{}: {words}", field(at)));
        self.score -= 2;
    }

    fn take(&mut self, other: Self) {
        self.lines.extend(other.lines);
        self.score += other.score;
    }

    fn is_valid(&self) -> bool {
        self.lines.is_empty()
    }
}

/// A place without the root's name; the root itself keeps it.
fn field(at: &str) -> &str {
    at.strip_prefix("(root).").unwrap_or(at)
}

type Rule = Map<String, Json>;

struct Walk<'a> {
    rules: Rules<'a>,
}

impl<'a> Walk<'a> {
    fn alone(&self, schema: &'a Json, value: &Value, at: &str) -> Told {
        let mut told = Told::default();
        self.schema(schema, value, at, &mut told);
        told
    }

    fn schema(&self, schema: &'a Json, value: &Value, at: &str, told: &mut Told) {
        let Json::Object(rule) = schema else {
            if *schema == Json::Bool(false) {
                told.fail(at, "False always fails validation");
            }
            return;
        };
        if rule.contains_key("$ref") {
            if let Some(target) = self.rules.target(rule) {
                self.schema(target, value, at, told);
            }
            return;
        }
        if let Some(types) = rule.get("type").filter(|types| !is_of(value, types)) {
            let wanted = match types {
                Json::Array(many) if many.len() > 1 => {
                    format!("[{}]", names(types).collect::<Vec<_>>().join(","))
                }
                _ => types.as_str().or_else(|| names(types).next()).unwrap_or_default().to_owned(),
            };
            told.fail(at, &format!("Invalid type. Expected: {wanted}, given: {}", kind_of(value)));
            return;
        }
        self.combined(rule, value, at, told);
        match value {
            Value::Int(_) | Value::Float(_) => numbers(rule, value, at, told),
            Value::List(items) => self.list(rule, items, at, told),
            Value::Map(map) => self.map(rule, map, at, told),
            _ => {}
        }
        common(rule, value, at, told);
        if let Value::String(text) = value {
            self.text(rule, text, at, told);
        }
        if let Value::Map(map) = value {
            for (key, schema) in entries(rule, "properties") {
                if let Some(value) = map.get(key) {
                    self.schema(schema, value, &format!("{at}.{key}"), told);
                }
            }
        }
        told.score += 1;
    }

    /// Schemas that are applied to the value itself.
    fn combined(&self, rule: &'a Rule, value: &Value, at: &str, told: &mut Told) {
        self.alternatives(rule, value, at, told);
        let all = listed(rule, "allOf");
        let mut valid = true;
        for schema in all {
            let one = self.alone(schema, value, at);
            valid &= one.is_valid();
            told.take(one);
        }
        if !valid {
            told.fail(at, "Must validate all the schemas (allOf)");
        }
        if rule.get("not").is_some_and(|schema| self.alone(schema, value, at).is_valid()) {
            told.fail(at, "Must not validate the schema (not)");
        }
        if let Value::Map(map) = value {
            for (_, dependency) in entries(rule, "dependencies").filter(|(key, _)| map.get(key).is_some()) {
                for missing in names(dependency).filter(|key| map.get(key).is_none()) {
                    told.fail(at, &format!("Has a dependency on {missing}"));
                }
                if !dependency.is_array() {
                    self.schema(dependency, value, at, told);
                }
            }
        }
        if let Some(condition) = rule.get("if") {
            let holds = self.alone(condition, value, at).is_valid();
            let (branch, words) = if holds {
                ("then", r#"Must validate "then" as "if" was valid"#)
            } else {
                ("else", r#"Must validate "else" as "if" was not valid"#)
            };
            let branch = rule.get(branch).map(|schema| self.alone(schema, value, at));
            if let Some(branch) = branch.filter(|branch| !branch.is_valid()) {
                told.fail(at, words);
                told.take(branch);
            }
        }
        told.score += 1;
    }

    fn alternatives(&self, rule: &'a Rule, value: &Value, at: &str, told: &mut Told) {
        for (keyword, words) in [
            ("anyOf", "Must validate at least one schema (anyOf)"),
            ("oneOf", "Must validate one and only one schema (oneOf)"),
        ] {
            let schemas = listed(rule, keyword);
            let mut valid = 0;
            let mut nearest: Option<Told> = None;
            for schema in schemas {
                let one = self.alone(schema, value, at);
                if one.is_valid() {
                    valid += 1;
                } else if nearest.as_ref().is_none_or(|nearest| one.score > nearest.score) {
                    nearest = Some(one);
                }
            }
            let enough = if keyword == "anyOf" { valid > 0 } else { valid == 1 };
            if !schemas.is_empty() && !enough {
                told.fail(at, words);
                if let Some(nearest) = nearest.filter(|_| valid == 0) {
                    told.take(nearest);
                }
            }
        }
    }

    fn list(&self, rule: &'a Rule, items: &[Value], at: &str, told: &mut Told) {
        let head = listed(rule, "prefixItems");
        let closed = rule.get(keyword::FURTHER_ITEMS) == Some(&Json::Bool(false));
        for (position, item) in items.iter().enumerate() {
            let schema = match head.get(position) {
                None if closed => None,
                None => rule.get("items"),
                found => found,
            };
            if let Some(schema) = schema {
                told.take(self.alone(schema, item, &format!("{at}.{position}")));
            }
        }
        if closed && items.len() > head.len() {
            told.fail(at, "No additional items allowed on array");
        }
        if let Some(least) = limit(rule, "minItems").filter(|&least| items.len() < least) {
            told.fail(at, &format!("Array must have at least {least} items"));
        }
        if let Some(most) = limit(rule, "maxItems").filter(|&most| items.len() > most) {
            told.fail(at, &format!("Array must have at most {most} items"));
        }
        if rule.get("uniqueItems") == Some(&Json::Bool(true)) {
            let mut seen = std::collections::HashMap::new();
            for (position, item) in items.iter().enumerate() {
                if let Some(earlier) = seen.insert(json(&instance::to_json(item)), position) {
                    told.fail(at, &format!("array items[{earlier},{position}] must be unique"));
                }
            }
        }
        if let Some(contained) = rule.get("contains") {
            let mut nearest: Option<Told> = None;
            let found = items.iter().enumerate().any(|(position, item)| {
                let one = self.alone(contained, item, &format!("{at}.{position}"));
                let valid = one.is_valid();
                if nearest.as_ref().is_none_or(|nearest| one.score > nearest.score) {
                    nearest = Some(one);
                }
                valid
            });
            if !found {
                told.fail(at, "At least one of the items must match");
                told.take(nearest.unwrap_or_default());
            }
        }
        told.score += 1;
    }

    fn map(&self, rule: &'a Rule, map: &crate::value::Map, at: &str, told: &mut Told) {
        if let Some(least) = limit(rule, "minProperties").filter(|&least| map.len() < least) {
            told.fail(at, &format!("Must have at least {least} properties"));
        }
        if let Some(most) = limit(rule, "maxProperties").filter(|&most| map.len() > most) {
            told.fail(at, &format!("Must have at most {most} properties"));
        }
        for key in rule.get("required").into_iter().flat_map(names) {
            if map.get(key).is_some() {
                told.score += 1;
            } else {
                told.fail(at, &format!("{key} is required"));
            }
        }
        let known = rule.get("properties").and_then(Json::as_object);
        for (key, value) in map.iter() {
            let below = format!("{at}.{key}");
            let by_pattern = self.rules.by_pattern(rule, key);
            for schema in &by_pattern {
                told.take(self.alone(schema, value, &below));
            }
            told.score += i64::from(!by_pattern.is_empty());
            if !by_pattern.is_empty() || known.is_some_and(|known| known.contains_key(&**key)) {
                continue;
            }
            match rule.get("additionalProperties") {
                Some(Json::Bool(false)) => {
                    told.fail(at, &format!("Additional property {key} is not allowed"));
                }
                Some(schema) => told.take(self.alone(schema, value, &below)),
                None => {}
            }
        }
        if let Some(schema) = rule.get("propertyNames") {
            for (key, _) in map.iter() {
                let name = self.alone(schema, &Value::String(key.clone()), at);
                if !name.is_valid() {
                    told.fail(at, &format!("Property name of \"{key}\" does not match"));
                    told.take(name);
                }
            }
        }
        told.score += 1;
    }

    fn text(&self, rule: &'a Rule, text: &str, at: &str, told: &mut Told) {
        let length = text.chars().count();
        if let Some(least) = limit(rule, "minLength").filter(|&least| length < least) {
            told.fail(at, &format!("String length must be greater than or equal to {least}"));
        }
        if let Some(most) = limit(rule, "maxLength").filter(|&most| length > most) {
            told.fail(at, &format!("String length must be less than or equal to {most}"));
        }
        if let Some(pattern) = rule.get(keyword::PATTERN).and_then(Json::as_str)
            && !self.rules.matches(pattern, text)
        {
            told.fail(at, &format!("Does not match pattern '{pattern}'"));
        }
        told.score += 1;
    }
}

fn numbers(rule: &Rule, value: &Value, at: &str, told: &mut Told) {
    let given = number(value).unwrap_or_default();
    if let Some(divisor) = rule.get(keyword::MULTIPLE_OF).and_then(Json::as_str)
        && !keyword::is_multiple(value, divisor)
    {
        told.fail(at, &format!("Must be a multiple of {}", go_float(divisor.parse().unwrap_or_default())));
    }
    let mut hold = |key: &str, fails: fn(f64, f64) -> bool, words: &str| {
        if let Some(bound) = rule.get(key).and_then(Json::as_f64).filter(|&bound| fails(given, bound)) {
            told.fail(at, &format!("Must be {words} {}", go_float(bound)));
        }
    };
    hold("maximum", |given, bound| given > bound, "less than or equal to");
    hold("exclusiveMaximum", |given, bound| given >= bound, "less than");
    hold("minimum", |given, bound| given < bound, "greater than or equal to");
    hold("exclusiveMinimum", |given, bound| given <= bound, "greater than");
    told.score += 1;
}

fn common(rule: &Rule, value: &Value, at: &str, told: &mut Told) {
    let listed = rule.get("enum").and_then(Json::as_array);
    if rule.contains_key("const") || listed.is_some() {
        let given = json(&instance::to_json(value));
        if let Some(only) = rule.get("const").map(json).filter(|only| *only != given) {
            told.fail(at, &format!("{} does not match: {only}", field(at)));
        }
        let listed: Option<Vec<String>> = listed.map(|listed| listed.iter().map(json).collect());
        if let Some(listed) = listed.filter(|listed| !listed.contains(&given)) {
            told.fail(at, &format!("{} must be one of the following: {}", field(at), listed.join(", ")));
        }
    }
    if let Some(name) = rule.get(keyword::OLD_FORMAT).and_then(Json::as_str)
        && let Some(check) = format::of_gojsonschema(name)
    {
        let fails = match value {
            Value::String(text) => !check(text),
            // Numbers are handed to the checkers too, which refuse them.
            _ => number(value).is_some(),
        };
        if fails {
            told.fail(at, &format!("Does not match format '{name}'"));
        }
    }
    told.score += 1;
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Int(_) | Value::Float(_) if is_whole(value) => "integer",
        Value::Int(_) | Value::Float(_) => "number",
        Value::String(_) => "string",
        Value::List(_) => "array",
        Value::Map(_) => "object",
    }
}

/// Compact JSON as Go writes it, every number a double.
fn json(value: &Json) -> String {
    match value {
        Json::Number(number) => crate::value::json_float(number.as_f64().unwrap_or_default()),
        Json::String(text) => in_quotes(text),
        Json::Array(items) => format!("[{}]", items.iter().map(json).collect::<Vec<_>>().join(",")),
        Json::Object(map) => {
            let mut entries: Vec<(&String, &Json)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let each = entries.into_iter().map(|(key, value)| format!("{}:{}", in_quotes(key), json(value)));
            format!("{{{}}}", each.collect::<Vec<_>>().join(","))
        }
        _ => value.to_string(),
    }
}

/// `encoding/json` escapes what might end a script of HTML.
fn in_quotes(text: &str) -> String {
    let mut quoted = Json::from(text).to_string();
    for (plain, escaped) in [
        ('<', "\\u003c"),
        ('>', "\\u003e"),
        ('&', "\\u0026"),
        ('\u{2028}', "\\u2028"),
        ('\u{2029}', "\\u2029"),
    ] {
        if quoted.contains(plain) {
            quoted = quoted.replace(plain, escaped);
        }
    }
    quoted
}
