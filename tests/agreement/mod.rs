//! Where a second YAML reader must agree with ours; shared with the fuzz targets.

use serde_yaml::Value as Second;
use strata::value::Value;
use strata::yaml::{Kind, Node};

/// Whether the second reader has the same value. Its integers are our floats.
pub fn equal(ours: &Node, theirs: &Second) -> bool {
    match (&ours.kind, theirs) {
        (Kind::Null, Second::Null) => true,
        (Kind::Bool(a), Second::Bool(b)) => a == b,
        (Kind::Float(a), Second::Number(b)) => b.as_f64() == Some(*a),
        (Kind::String(a), Second::String(b)) => **a == **b,
        (Kind::List(a), Second::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Kind::Map(a), Second::Mapping(b)) => {
            let same = |key: &str, value| b.get(key).is_some_and(|theirs| equal(value, theirs));
            a.len() == b.len() && a.iter().all(|entry| same(&entry.key, &entry.value))
        }
        _ => false,
    }
}

/// Whether the second reader sees the same collections and the same strings. What a plain scalar means
/// differs: it follows YAML 1.2, Helm YAML 1.1.
pub fn same_shape(ours: &Node, theirs: &Second) -> bool {
    match (&ours.kind, theirs) {
        (Kind::List(a), Second::Sequence(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_shape(a, b))
        }
        (Kind::Map(_), Second::Mapping(theirs)) => theirs.iter().all(|(key, value)| match key {
            Second::String(key) => match ours.get(key) {
                Some(ours) => same_shape(ours, value),
                None => key.len() <= 3 || !key.starts_with(|first: char| first.is_ascii_alphabetic()),
            },
            _ => true,
        }),
        (Kind::String(a), Second::String(b)) => **a == **b,
        (Kind::List(_) | Kind::Map(_), _) | (_, Second::Sequence(_) | Second::Mapping(_)) => false,
        _ => true,
    }
}

/// Whether the text is free of what the two readers are known to take differently: tags, merge keys,
/// explicit keys, byte order marks, flow collections as keys and colons before flow indicators.
pub fn comparable(text: &str) -> bool {
    let mut before = ' ';
    let mut pairs = text.chars().filter(|character| *character != ' ').map(|character| {
        let pair = (before, character);
        before = character;
        pair
    });
    let apart = |(first, second)| match first {
        ']' | '}' => matches!(second, ':' | '\n'),
        ':' => matches!(second, ',' | '[' | ']' | '{' | '}'),
        _ => false,
    };
    let special = text.contains(['!', '?', '\u{feff}', '%', '\t', '\0']) || text.contains("<<");
    !special && !pairs.any(apart)
}

/// Whether Helm's way through JSON keeps the value as it is, so that it is read back from what is
/// written.
pub fn survives_writing(node: &Node) -> bool {
    let plain =
        |text: &str| !text.contains(|c: char| matches!(c, '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}'));
    node.walk().all(|(node, _)| {
        let keys = node
            .entries()
            .iter()
            .all(|entry| plain(&entry.key) && &*entry.key != "<<" && entry.key.len() <= 150);
        keys && node.as_str().is_none_or(plain)
    })
}

/// Whether two values are equal where -0 is 0.
pub fn same_value(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| same_value(a, b))
        }
        (Value::Map(a), Value::Map(b)) => {
            let pairs = a.iter().zip(b.iter());
            a.len() == b.len() && pairs.into_iter().all(|((k, a), (l, b))| k == l && same_value(a, b))
        }
        _ => a == b,
    }
}

/// What `toYaml` gives with the line break that it has taken off its end; a text that ends with a break of
/// another kind had no other one.
pub fn completed(written: &str) -> String {
    let broken = written.ends_with(['\u{2028}', '\u{2029}']);
    format!("{written}{}", if broken { "" } else { "\n" })
}
