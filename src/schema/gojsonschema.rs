//! What gojsonschema refuses when it reads a schema (Helm 3.17 and 3.18).
//!
//! It has no metaschema at hand: each keyword is checked when its schema is reached, so a broken schema
//! that nothing refers to goes unnoticed.

use super::draft::Draft;
use super::json::{Kind, Node};
use super::pattern::Pattern;

/// The keyword at fault, and the library's words.
pub type Fault = (Option<&'static str>, String);

/// Checks one schema; those inside are checked when they are reached.
pub fn check(node: &Node, draft: Draft) -> Result<(), Fault> {
    if node.is_bool() && draft >= Draft::Six {
        return Ok(());
    }
    if !node.is_map() {
        return Err((None, "Expected: valid schema, given: Invalid JSON".to_owned()));
    }
    texts(node, draft)?;
    if node.get("$ref").is_some() { Ok(()) } else { rules(node, draft) }
}

/// Checks what stands beside a `$ref`, or the whole of a schema without one.
pub fn rules(node: &Node, draft: Draft) -> Result<(), Fault> {
    types(node)?;
    shapes(node, draft)?;
    numbers(node, draft)?;
    counts(node)?;
    lists(node)
}

fn texts(node: &Node, draft: Draft) -> Result<(), Fault> {
    let id = if draft == Draft::Four || (draft == Draft::Hybrid && node.get("id").is_some()) {
        "id"
    } else {
        "$id"
    };
    for key in [id, "title", "description", "$ref"] {
        if node.get(key).is_some_and(|value| value.as_str().is_none()) {
            return Err((Some(key), format!("Invalid type. Expected: string, given: {key}")));
        }
    }
    Ok(())
}

fn types(node: &Node) -> Result<(), Fault> {
    let Some(value) = node.get("type") else { return Ok(()) };
    let fault = |message: String| Err((Some("type"), message));
    let names: Vec<&Node> = match &value.kind {
        Kind::List(items) => items.iter().collect(),
        _ => vec![value],
    };
    let known = ["array", "boolean", "integer", "number", "null", "object", "string"];
    for (at, name) in names.iter().enumerate() {
        let Some(name) = name.as_str() else {
            return fault("Invalid type. Expected: string/array of strings, given: type".to_owned());
        };
        if !known.contains(&name) {
            let known = known.join(" ");
            return fault(format!(
                "has a primitive type that is NOT VALID -- given: /{name}/ Expected valid values are:[{known}]"
            ));
        }
        if names[..at].iter().any(|earlier| earlier.as_str() == Some(name)) {
            return fault(format!("{name} type is duplicated"));
        }
    }
    Ok(())
}

/// Keywords whose value has to be a schema, a map or a list of some kind.
fn shapes(node: &Node, draft: Draft) -> Result<(), Fault> {
    let is_schema = |value: &Node| value.is_map() || value.is_bool();
    for entry in node.entries() {
        let value = &entry.value;
        let list = matches!(value.kind, Kind::List(_));
        let fault = |key: &'static str, message: &str| Err((Some(key), format!("{key} {message}")));
        // What the library calls the keyword isn't always its name.
        let kind = |key: &'static str, name: &str, expected: &str| {
            Err((Some(key), format!("Invalid type. Expected: {expected}, given: {name}")))
        };
        match entry.key.as_str() {
            "properties" if !value.is_map() => return fault("properties", "must be of type object"),
            "patternProperties" => {
                if !value.is_map() {
                    return kind("patternProperties", "patternProperties", "valid schema");
                }
                if let Some(bad) = value.entries().iter().find(|entry| Pattern::new(&entry.key).is_err()) {
                    return Err((Some("patternProperties"), format!("Invalid regex pattern '{}'", bad.key)));
                }
            }
            "definitions"
                if !(value.is_map() && value.entries().iter().all(|entry| is_schema(&entry.value))) =>
            {
                return kind("definitions", "definitions", "array of schemas");
            }
            "dependencies" => {
                let each = |value: &Node| match &value.kind {
                    Kind::List(names) => names.iter().all(|name| name.as_str().is_some()),
                    _ => is_schema(value),
                };
                if !value.is_map() {
                    return fault("dependencies", "must be of type object");
                }
                if !value.entries().iter().all(|entry| each(&entry.value)) {
                    let message = "dependency must be of type schema or array of strings";
                    return Err((Some("dependencies"), message.to_owned()));
                }
            }
            "additionalProperties" if !is_schema(value) => {
                return kind("additionalProperties", "additionalProperties", "boolean/valid schema");
            }
            "additionalItems" if !is_schema(value) => {
                return kind("additionalItems", "additionalItems", "boolean/valid schema");
            }
            "items" if !(is_schema(value) || (list && value.items().iter().all(is_schema))) => {
                return kind("items", "items", "valid schema/array of schemas");
            }
            "propertyNames" if draft >= Draft::Six && !is_schema(value) => {
                return kind("propertyNames", "patternProperties", "valid schema");
            }
            "if" if draft >= Draft::Seven && !is_schema(value) => return fault("if", "must be of an object"),
            "then" if draft >= Draft::Seven && !is_schema(value) => {
                return fault("then", "must be of an object");
            }
            "else" if draft >= Draft::Seven && !is_schema(value) => {
                return fault("else", "must be of an object");
            }
            "not" if !is_schema(value) => return fault("not", "must be of an object"),
            "oneOf" if !list => return fault("oneOf", "must be of an array"),
            "anyOf" if !list => return fault("anyOf", "must be of an array"),
            "allOf" if !list => return Err((Some("allOf"), "anyOf must be of an array".to_owned())),
            "uniqueItems" if !value.is_bool() => return fault("uniqueItems", "must be of a boolean"),
            "format" if value.as_str().is_none() => return fault("format", "must be of type string"),
            "pattern" => match value.as_str() {
                None => return fault("pattern", "must be of a string"),
                Some(pattern) if Pattern::new(pattern).is_err() => {
                    return fault("pattern", "must be a valid regex");
                }
                Some(_) => {}
            },
            _ => {}
        }
    }
    Ok(())
}

fn numbers(node: &Node, draft: Draft) -> Result<(), Fault> {
    if node.get("multipleOf").is_some_and(|value| value.as_number().is_none()) {
        return Err((Some("multipleOf"), "Invalid type. Expected: number, given: multipleOf".to_owned()));
    }
    for key in ["minimum", "maximum"] {
        if node.get(key).is_some_and(|value| value.as_number().is_none()) {
            return Err((Some(key), format!("{key} must be of a number")));
        }
    }
    let positive =
        |text: &str| !text.starts_with('-') && text.bytes().any(|byte| (b'1'..=b'9').contains(&byte));
    // A zero with an exponent is still zero, so digits are looked for before the exponent.
    let digits = |text: &str| positive(text.split(['e', 'E']).next().unwrap_or_default());
    if node.get("multipleOf").and_then(Node::as_number).is_some_and(|text| !digits(text)) {
        return Err((Some("multipleOf"), "multipleOf must be strictly greater than 0".to_owned()));
    }
    for (key, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
        let Some(value) = node.get(key) else { continue };
        let boolean = value.is_bool() && matches!(draft, Draft::Four | Draft::Hybrid);
        let number = value.as_number().is_some() && draft != Draft::Four;
        if !boolean && !number {
            let expected = match draft {
                Draft::Four => "boolean",
                Draft::Hybrid => "boolean/number",
                _ => "number",
            };
            return Err((Some(key), format!("Invalid type. Expected: {expected}, given: {key}")));
        }
        if boolean && node.get(bound).is_none() {
            return Err((Some(key), format!("{key} cannot be used without {bound}")));
        }
    }
    Ok(())
}

fn counts(node: &Node) -> Result<(), Fault> {
    let count = |key: &'static str| match node.get(key) {
        None => Ok(None),
        // Go's Int64 reads no fraction and no exponent, not even where they say nothing.
        Some(value) => match value.as_number().and_then(|text| text.parse::<i64>().ok()) {
            None => Err((Some(key), format!("{key} must be of an integer"))),
            Some(count) if count < 0 => Err((Some(key), format!("{key} must be greater than or equal to 0"))),
            Some(count) => Ok(Some(count)),
        },
    };
    for (least, most, ordered) in [
        ("minLength", "maxLength", true),
        ("minProperties", "maxProperties", true),
        ("minItems", "maxItems", false),
    ] {
        if let (Some(low), Some(high)) = (count(least)?, count(most)?)
            && ordered
            && low > high
        {
            return Err((Some(least), format!("{least} cannot be greater than {most}")));
        }
    }
    Ok(())
}

fn lists(node: &Node) -> Result<(), Fault> {
    for key in ["required", "enum"] {
        let Some(value) = node.get(key) else { continue };
        let Kind::List(items) = &value.kind else {
            return Err((Some(key), format!("{key} must be of an array")));
        };
        if key == "required" && items.iter().any(|item| item.as_str().is_none()) {
            return Err((Some(key), "required items must be string".to_owned()));
        }
        let mut seen = std::collections::HashSet::new();
        if !items.iter().all(|item| seen.insert(super::json::through_doubles(item))) {
            return Err((Some(key), format!("{key} items must be unique")));
        }
    }
    Ok(())
}
