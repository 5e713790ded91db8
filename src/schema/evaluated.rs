//! Which items `unevaluatedItems` is about in draft 2019-09.

use serde_json::{Map, Value as Json, json};

/// A translated schema of draft 2019-09 as the crate has to read it. There, items that `contains` matches
/// count as evaluated, in Helm's library from 2020-12 on alone; behind two `not` the crate doesn't count
/// them. A failure of the outer `not` is told as one of `contains` ([`super::written`]).
pub fn of_2019(schema: &Json) -> Json {
    let Json::Object(rules) = schema else { return schema.clone() };
    let mut out: Map<String, Json> =
        rules.iter().map(|(key, value)| (key.clone(), inside(key, value))).collect();
    if out.contains_key("contains") && !out.contains_key("not") {
        let hidden = ["contains", "minContains", "maxContains"];
        let hidden: Map<String, Json> = hidden.iter().filter_map(|key| out.remove_entry(*key)).collect();
        out.insert("not".to_owned(), json!({ "not": hidden }));
    }
    Json::Object(out)
}

/// The value of a keyword, whose schemas are read likewise.
fn inside(key: &str, value: &Json) -> Json {
    match (key, value) {
        ("const" | "enum" | "required" | "dependentRequired", _) => value.clone(),
        (
            "properties" | "patternProperties" | "dependencies" | "dependentSchemas" | "$defs",
            Json::Object(map),
        ) => Json::Object(map.iter().map(|(name, schema)| (name.clone(), of_2019(schema))).collect()),
        (_, Json::Array(schemas)) => Json::Array(schemas.iter().map(of_2019).collect()),
        (_, schema) => of_2019(schema),
    }
}
