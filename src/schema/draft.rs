//! Drafts of JSON Schema and where subschemas stand in each.

use super::json::{Kind, Node};
use crate::profile::SchemaLibrary as Library;

/// A draft as one of Helm's libraries reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Draft {
    /// draft-04.
    Four,
    /// draft-06.
    Six,
    /// draft-07.
    Seven,
    /// gojsonschema without a known `$schema`: drafts 4, 6 and 7 at once.
    Hybrid,
    /// 2019-09.
    Y2019,
    /// 2020-12.
    Y2020,
}

impl Draft {
    /// The draft that a `$schema` names, if the library has it built in.
    pub fn named(library: Library, schema: &str) -> Option<Self> {
        let (url, fragment) = schema.split_once('#').unwrap_or((schema, ""));
        if !fragment.is_empty() {
            return None;
        }
        let path = match (library, url.strip_prefix("http://")) {
            (_, Some(path)) => path,
            (Library::JsonSchemaV6, None) => url.strip_prefix("https://").unwrap_or(url),
            (Library::GoJsonSchema, None) => return None,
        };
        let draft = match path {
            "json-schema.org/draft-04/schema" => Self::Four,
            "json-schema.org/draft-06/schema" => Self::Six,
            "json-schema.org/draft-07/schema" => Self::Seven,
            "json-schema.org/draft/2019-09/schema" => Self::Y2019,
            "json-schema.org/draft/2020-12/schema" | "json-schema.org/schema" => Self::Y2020,
            _ => return None,
        };
        (library == Library::JsonSchemaV6 || draft <= Self::Seven).then_some(draft)
    }

    /// The draft of a schema that names none.
    pub fn unnamed(library: Library) -> Self {
        match library {
            Library::GoJsonSchema => Self::Hybrid,
            Library::JsonSchemaV6 => Self::Y2020,
        }
    }

    /// What the page and messages call it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Four => "draft-04",
            Self::Six => "draft-06",
            Self::Seven => "draft-07",
            Self::Hybrid => "drafts 4 to 7",
            Self::Y2019 => "2019-09",
            Self::Y2020 => "2020-12",
        }
    }

    /// 2019-09 or later.
    pub fn is_modern(self) -> bool {
        self >= Self::Y2019
    }
}

/// What stands under a keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    One,
    List,
    Map,
    OneOrList,
}

/// Keywords with subschemas, each with the first draft that has it.
const POSITIONS: [(&str, Shape, Draft); 22] = [
    ("definitions", Shape::Map, Draft::Four),
    ("$defs", Shape::Map, Draft::Y2019),
    ("allOf", Shape::List, Draft::Four),
    ("anyOf", Shape::List, Draft::Four),
    ("oneOf", Shape::List, Draft::Four),
    ("not", Shape::One, Draft::Four),
    ("properties", Shape::Map, Draft::Four),
    ("patternProperties", Shape::Map, Draft::Four),
    ("additionalProperties", Shape::One, Draft::Four),
    ("items", Shape::OneOrList, Draft::Four),
    ("additionalItems", Shape::One, Draft::Four),
    ("dependencies", Shape::Map, Draft::Four),
    ("contains", Shape::One, Draft::Six),
    ("propertyNames", Shape::One, Draft::Six),
    ("if", Shape::One, Draft::Seven),
    ("then", Shape::One, Draft::Seven),
    ("else", Shape::One, Draft::Seven),
    ("dependentSchemas", Shape::Map, Draft::Y2019),
    ("unevaluatedProperties", Shape::One, Draft::Y2019),
    ("unevaluatedItems", Shape::One, Draft::Y2019),
    ("contentSchema", Shape::One, Draft::Y2019),
    ("prefixItems", Shape::List, Draft::Y2020),
];

/// The subschemas of a schema with the steps that lead to each.
pub fn subschemas(draft: Draft, schema: &Node) -> Vec<(Vec<String>, &Node)> {
    let mut found = Vec::new();
    for (keyword, shape, first) in POSITIONS {
        let Some(value) = schema.get(keyword).filter(|_| draft >= first) else { continue };
        match (shape, &value.kind) {
            (Shape::List | Shape::OneOrList, Kind::List(items)) => {
                let each = items.iter().enumerate();
                found.extend(each.map(|(at, item)| (vec![keyword.to_owned(), at.to_string()], item)));
            }
            (Shape::Map, Kind::Map(entries)) => {
                let each = entries.iter();
                found.extend(each.map(|entry| (vec![keyword.to_owned(), entry.key.clone()], &entry.value)));
            }
            (Shape::One | Shape::OneOrList, Kind::Map(_) | Kind::Bool(_)) => {
                found.push((vec![keyword.to_owned()], value));
            }
            _ => {}
        }
    }
    found
}
