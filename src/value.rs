//! Plain values: what JSON can say, with Go's kinds of numbers kept apart.
//!
//! Layers, schemas, `toYaml` and parameters speak in these. They are immutable and shared; templates
//! have richer values of their own ([`crate::template`]).

use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

/// Texts that are met again and again, each kept once, mostly: every text has its slot in a table that never
/// grows, and the worst that crowding does is a text that is not shared.
#[derive(Debug)]
pub(crate) struct Texts(Vec<Option<Arc<str>>>);

impl Texts {
    /// Most slots; a power of two.
    const MOST: usize = 256;

    /// A table for about so many different texts.
    pub fn new(texts: usize) -> Self {
        Self(vec![None; texts.next_power_of_two().min(Self::MOST)])
    }

    /// The text, as it was kept before if it was.
    pub fn shared(&mut self, text: &str) -> Arc<str> {
        let mix = |hash: u32, &byte: &u8| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
        let hash = text.as_bytes().iter().fold(0x811c_9dc5, mix);
        let last = self.0.len() - 1;
        let slot = &mut self.0[(hash ^ (hash >> 15)) as usize & last];
        match slot {
            Some(known) if **known == *text => Arc::clone(known),
            _ => Arc::clone(slot.insert(text.into())),
        }
    }
}

/// A value without its origin.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `null`, Go's `nil`.
    Null,
    /// A boolean.
    Bool(bool),
    /// Go's `int64`: only `--set` makes these, values files give floats.
    Int(i64),
    /// Go's `float64`: every number of a values file.
    Float(f64),
    /// A string.
    String(Arc<str>),
    /// A list.
    List(Arc<[Value]>),
    /// A map.
    Map(Arc<Map>),
}

/// A map from strings, sorted by key (bytewise, as Go sorts strings), each key once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Map(Vec<(Arc<str>, Value)>);

impl Map {
    /// The value at `key`.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0.binary_search_by(|(k, _)| (**k).cmp(key)).ok().map(|at| &self.0[at].1)
    }

    /// Sets `key`, replacing what was there.
    pub fn insert(&mut self, key: impl AsRef<str> + Into<Arc<str>>, value: Value) {
        match self.0.binary_search_by(|(k, _)| (**k).cmp(key.as_ref())) {
            Ok(at) => self.0[at].1 = value,
            Err(at) => self.0.insert(at, (key.into(), value)),
        }
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&Arc<str>, &Value)> + ExactSizeIterator {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Takes nested collections apart one by one: a tree may be 10,000 levels deep, and dropping each inside
/// its parent would need a stack as deep.
impl Drop for Map {
    fn drop(&mut self) {
        let mut open = Vec::new();
        self.0.iter_mut().for_each(|(_, value)| take_collection(value, &mut open));
        while let Some(value) = open.pop() {
            match value {
                Value::List(mut items) => {
                    let items = Arc::get_mut(&mut items).into_iter().flatten();
                    items.for_each(|item| take_collection(item, &mut open));
                }
                Value::Map(mut map) => {
                    let pairs = Arc::get_mut(&mut map).into_iter().flat_map(|map| &mut map.0);
                    pairs.for_each(|(_, value)| take_collection(value, &mut open));
                }
                _ => {}
            }
        }
    }
}

fn take_collection(value: &mut Value, open: &mut Vec<Value>) {
    if matches!(value, Value::List(_) | Value::Map(_)) {
        open.push(std::mem::replace(value, Value::Null));
    }
}

/// Later pairs replace earlier ones of the same key.
impl FromIterator<(Arc<str>, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(pairs: I) -> Self {
        Self(by_key(pairs.into_iter().collect()))
    }
}

/// Pairs sorted by key, of equal keys the last one. Most come sorted; the others are sorted by position,
/// so that sorting is compiled once and not for every kind of pair, of which the page would carry each.
pub(crate) fn by_key<V>(pairs: Vec<(Arc<str>, V)>) -> Vec<(Arc<str>, V)> {
    if pairs.is_sorted_by(|one, next| one.0 < next.0) {
        return pairs;
    }
    let order = order(&pairs.iter().map(|(key, _)| &**key).collect::<Vec<_>>());
    let mut open: Vec<Option<(Arc<str>, V)>> = pairs.into_iter().map(Some).collect();
    let mut sorted: Vec<(Arc<str>, V)> = Vec::with_capacity(open.len());
    for pair in order.into_iter().filter_map(|at| open[at].take()) {
        match sorted.last_mut() {
            Some(last) if last.0 == pair.0 => *last = pair,
            _ => sorted.push(pair),
        }
    }
    sorted
}

/// Positions of the keys in their order; equal ones stay in that of the list.
fn order(keys: &[&str]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by(|&one, &other| keys[one].cmp(keys[other]).then(one.cmp(&other)));
    order
}

impl Value {
    /// An empty map.
    pub fn empty_map() -> Self {
        Self::Map(Arc::default())
    }

    /// The string, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Arc<Map>> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Self::List(list) = self { Some(list) } else { None }
    }

    /// The value at `key`, if this is a map that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map().and_then(|map| map.get(key))
    }
}

impl Value {
    /// The value as JSON. Whole numbers have no fraction, as Go prints them; what JSON has no number
    /// for becomes null.
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value as Json;
        match self {
            Self::Null => Json::Null,
            Self::Bool(bool) => Json::Bool(*bool),
            Self::Int(int) => Json::from(*int),
            Self::Float(float) if float.is_finite() => {
                serde_json::from_str(&json_float(*float)).unwrap_or(Json::Null)
            }
            Self::Float(_) => Json::Null,
            Self::String(text) => Json::from(&**text),
            Self::List(list) => list.iter().map(Self::to_json).collect(),
            Self::Map(map) => map.iter().map(|(key, value)| (key.to_string(), value.to_json())).collect(),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.into())
    }
}

/// Sign, shortest decimal digits (without leading or trailing zeros; `0` for zero) and the exponent of
/// the first digit.
pub fn shortest(number: impl ryu::Float) -> (bool, String, i32) {
    // ryu and not Rust's own formatting: where two shortest texts are equally near, Go takes the even one.
    let mut buffer = ryu::Buffer::new();
    let text = buffer.format_finite(number);
    let negative = text.starts_with('-');
    let text = text.trim_start_matches('-');
    let (mantissa, exponent) = text.split_once('e').map_or((text, 0), |(m, e)| (m, e.parse().unwrap_or(0)));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let point = whole.len() as i32 + exponent - (all.len() - digits.len()) as i32;
    let digits = digits.trim_end_matches('0');
    if digits.is_empty() {
        return (negative, "0".to_owned(), 0);
    }
    (negative, digits.to_owned(), point - 1)
}

fn exponent_form(negative: bool, digits: &str, exponent: i32) -> String {
    let sign = if negative { "-" } else { "" };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs())
}

fn plain_form(negative: bool, digits: &str, exponent: i32) -> String {
    let sign = if negative { "-" } else { "" };
    if exponent < 0 {
        return format!("{sign}0.{}{digits}", "0".repeat((-exponent - 1) as usize));
    }
    let whole = exponent as usize + 1;
    if digits.len() <= whole {
        format!("{sign}{digits}{}", "0".repeat(whole - digits.len()))
    } else {
        format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
    }
}

/// Go's `%v` of a `float64`: the shortest digits that read back the same, in exponent form where the
/// exponent is below -4 or 6 and above (`strconv.FormatFloat(f, 'g', -1, 64)`).
pub fn go_float(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    go_form(shortest(number))
}

/// The same for Go's `float32`, finite numbers only.
pub fn go_float32(number: f32) -> String {
    go_form(shortest(number))
}

fn go_form((negative, digits, exponent): (bool, String, i32)) -> String {
    if (-4..6).contains(&exponent) {
        plain_form(negative, &digits, exponent)
    } else {
        exponent_form(negative, &digits, exponent)
    }
}

/// The text of a number in JSON as Go's `encoding/json` prints it: exponent form below 1e-6 and from
/// 1e21 on, with no leading zero in a negative exponent. Finite numbers only: JSON has no others.
pub fn json_float(number: f64) -> String {
    let (negative, digits, exponent) = shortest(number);
    if number != 0.0 && !(-6..21).contains(&exponent) {
        let text = exponent_form(negative, &digits, exponent);
        // encoding/json cleans e-09 to e-9, and only there.
        return match text.strip_suffix(|c: char| c.is_ascii_digit()).filter(|head| head.ends_with("e-0")) {
            Some(head) => format!("{}{}", &head[..head.len() - 1], &text[text.len() - 1..]),
            None => text,
        };
    }
    plain_form(negative, &digits, exponent)
}

/// Go's `%v` text of the value: `map[a:1 b:[x y]]`, `<nil>`.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<nil>"),
            Self::Bool(bool) => write!(f, "{bool}"),
            Self::Int(int) => write!(f, "{int}"),
            Self::Float(float) => f.write_str(&go_float(*float)),
            Self::String(text) => f.write_str(text),
            Self::List(list) => {
                f.write_char('[')?;
                for (at, value) in list.iter().enumerate() {
                    write!(f, "{}{value}", if at == 0 { "" } else { " " })?;
                }
                f.write_char(']')
            }
            Self::Map(map) => {
                f.write_str("map[")?;
                for (at, (key, value)) in map.iter().enumerate() {
                    write!(f, "{}{key}:{value}", if at == 0 { "" } else { " " })?;
                }
                f.write_char(']')
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_go_prints_them() {
        for (number, go, json) in [
            (0.0, "0", "0"),
            (-0.0, "-0", "-0"),
            (1.5, "1.5", "1.5"),
            (100_000.0, "100000", "100000"),
            (1_000_000.0, "1e+06", "1000000"),
            (123_456_789.0, "1.23456789e+08", "123456789"),
            (0.0001, "0.0001", "0.0001"),
            (0.000_01, "1e-05", "0.00001"),
            (1e-7, "1e-07", "1e-7"),
            (1e21, "1e+21", "1e+21"),
            (-1.25e-10, "-1.25e-10", "-1.25e-10"),
            (9_007_199_254_740_993.0, "9.007199254740992e+15", "9007199254740992"),
        ] {
            assert_eq!((go_float(number).as_str(), json_float(number).as_str()), (go, json));
        }
    }

    #[test]
    fn maps_print_sorted_and_keep_the_last_of_a_key() {
        let pair = |key: &str, value: &str| (Arc::from(key), Value::from(value));
        let map: Map = [pair("b", "1"), pair("a", "2"), pair("b", "3")].into_iter().collect();
        assert_eq!(Value::Map(Arc::new(map)).to_string(), "map[a:2 b:3]");
    }
}
