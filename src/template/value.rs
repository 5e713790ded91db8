//! Go's runtime values, as far as templates meet them.
//!
//! Numbers keep their Go kind, maps are shared and can be changed (`set` and `mergeOverwrite` do),
//! strings are bytes (`trunc` may cut a character). A value that came from somewhere knows it
//! ([`Origin`]), which costs nothing where nobody asked.

use super::entries::Entries;
use super::functions::Function;
use super::types::{Signed, Type, Unsigned};
use crate::value as plain;
use bstr::{BStr, BString};
use std::borrow::{self, Cow};
use std::cell::{OnceCell, Ref, RefCell};
use std::fmt;
use std::ops::Deref;
use std::rc::Rc;
use std::sync::Arc;

/// A value with what it was made from. Cheap to clone: lists and maps are shared.
#[derive(Clone, Debug, Default)]
pub struct Value {
    /// The value.
    pub kind: Kind,
    /// The places that it was read from; `None` when nobody traces, and for constants.
    pub origin: Option<Origin>,
}

/// What a value is.
#[derive(Clone, Debug, Default)]
pub enum Kind {
    /// The nil interface.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// Any signed integer.
    Int(i64, Signed),
    /// Any unsigned integer.
    Uint(u64, Unsigned),
    /// `float64`.
    Float(f64),
    /// `complex128`, real and imaginary part.
    Complex(f64, f64),
    /// `string`.
    String(Str),
    /// `[]uint8`.
    Bytes(Arc<[u8]>),
    /// Any other slice.
    List(Rc<List>),
    /// A map from strings.
    Map(Rc<Map>),
    /// A struct or a pointer to one.
    Struct(Rc<Struct>),
    /// `time.Time`.
    Time(Rc<Time>),
}

/// A Go string: bytes, mostly UTF-8. Through `Deref` it has the methods of [`BStr`] (import
/// `bstr::ByteSlice`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Str(Arc<[u8]>);

/// A slice. The one function that changes a list that it was given is `sortAlpha`, and to sort once more
/// changes nothing.
#[derive(Clone, Debug)]
pub struct List {
    /// Its type: a [`Type::Slice`] (not of bytes) or [`Type::VersionSet`].
    pub of: Type,
    /// Whether it is Go's nil slice: it prints as `[]`, and is `null` in JSON.
    pub nil: bool,
    /// The items as they were given.
    given: Vec<Value>,
    /// The items in order, once they are sorted for everyone who holds the list.
    sorted: OnceCell<Vec<Value>>,
}

/// A map from strings, shared and changeable.
#[derive(Debug)]
pub struct Map {
    /// Its type: a [`Type::Map`], [`Type::Values`] or [`Type::Files`].
    pub of: Type,
    /// Whether it is Go's nil map: it prints as `map[]`, is `null` in JSON, and takes no keys.
    pub nil: bool,
    entries: Rc<RefCell<Entries>>,
}

/// A struct, or what a pointer points to.
#[derive(Debug)]
pub struct Struct {
    /// Its type.
    pub of: &'static StructType,
    /// Whether the value is a pointer to the struct.
    pub pointer: bool,
    /// Its fields, in the order of the type.
    pub fields: Vec<Value>,
}

/// A struct type with exported fields and methods.
#[derive(Debug)]
pub struct StructType {
    /// Go's name, e.g. `chartutil.Capabilities`.
    pub name: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
    /// Its methods; the receiver is their first parameter, and not in the signature.
    pub methods: &'static [Function],
    /// What its method `String` says, which printing calls.
    pub string: Option<fn(&Struct) -> Str>,
    /// Whether `String` belongs to the struct itself and not only to pointers to it.
    pub string_by_value: bool,
}

/// A field of a struct type.
#[derive(Debug)]
pub struct Field {
    /// Go's name.
    pub name: &'static str,
    /// Declared type.
    pub of: Type,
    /// Key in JSON; empty where it is not marshalled.
    pub json: &'static str,
    /// Left out of JSON when empty.
    pub omit_empty: bool,
    /// Whether the fields of this struct count as fields of the outer one, in templates and in JSON.
    pub embedded: bool,
}

impl PartialEq for StructType {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self, other)
    }
}

impl Eq for StructType {}

/// A moment, in a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970 in UTC.
    pub seconds: i64,
    /// Nanoseconds within the second.
    pub nanoseconds: u32,
    /// The zone's offset from UTC at that moment, in seconds.
    pub offset: i32,
    /// The zone's abbreviation, e.g. `UTC` or `CET`.
    pub zone: Str,
}

/// The values that a value was made from: numbers that whoever asked for tracing can read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(Rc<[u32]>);

impl Origin {
    /// One place.
    pub fn new(place: u32) -> Self {
        Self(Rc::from([place]))
    }

    /// The places, ascending.
    pub fn places(&self) -> &[u32] {
        &self.0
    }

    /// The places of both.
    #[must_use]
    pub fn union(one: Option<Self>, other: Option<&Self>) -> Option<Self> {
        let (Some(one), Some(other)) = (&one, other) else {
            return one.or_else(|| other.cloned());
        };
        if other.0.iter().all(|place| one.0.binary_search(place).is_ok()) {
            return Some(one.clone());
        }
        let mut places: Vec<u32> = one.0.iter().chain(other.0.iter()).copied().collect();
        places.sort_unstable();
        places.dedup();
        Some(Self(places.into()))
    }
}

impl Str {
    /// Whether the two are one and the same text, not only equal ones.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// The text, with U+FFFD for each byte that is not UTF-8.
    pub fn text(&self) -> Cow<'_, str> {
        super::quote::text(&self.0)
    }
}

impl Deref for Str {
    type Target = BStr;

    fn deref(&self) -> &BStr {
        BStr::new(&self.0)
    }
}

impl borrow::Borrow<[u8]> for Str {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for Str {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Str {
    fn eq(&self, other: &&str) -> bool {
        *self == **other
    }
}

impl fmt::Display for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Str {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self(text.into_bytes().into())
    }
}

impl From<Arc<str>> for Str {
    fn from(text: Arc<str>) -> Self {
        Self(text.into())
    }
}

impl From<Vec<u8>> for Str {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }
}

impl From<&[u8]> for Str {
    fn from(bytes: &[u8]) -> Self {
        Self(bytes.into())
    }
}

impl From<&BStr> for Str {
    fn from(bytes: &BStr) -> Self {
        Self::from(bytes.as_ref() as &[u8])
    }
}

impl From<BString> for Str {
    fn from(bytes: BString) -> Self {
        Vec::from(bytes).into()
    }
}

impl List {
    /// A slice of type `of` (see [`List::of`]).
    pub fn new(of: Type, items: Vec<Value>) -> Self {
        Self { of, nil: false, given: items, sorted: OnceCell::new() }
    }

    /// Go's nil slice of type `of`.
    pub fn nil(of: Type) -> Self {
        Self { of, nil: true, given: Vec::new(), sorted: OnceCell::new() }
    }
}

impl List {
    /// Sorts a list of texts for everyone who holds it.
    pub fn sort(&self) {
        self.sorted.get_or_init(|| {
            let mut sorted = self.given.clone();
            sorted.sort_by(|one, other| one.as_string().cmp(&other.as_string()));
            sorted
        });
    }
}

/// The items.
impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        self.sorted.get().unwrap_or(&self.given)
    }
}

impl Map {
    /// A map of type `of` (see [`Map::of`]).
    pub fn new(of: Type, entries: Entries) -> Self {
        Self { of, nil: false, entries: Rc::new(RefCell::new(entries)) }
    }

    /// Go's nil map of type `of`.
    pub fn nil(of: Type) -> Self {
        Self { of, nil: true, entries: Rc::default() }
    }

    /// The same map, entries shared, under another type.
    #[must_use]
    pub fn viewed_as(&self, of: Type) -> Self {
        Self { of, nil: self.nil, entries: Rc::clone(&self.entries) }
    }

    /// The value at `key`.
    pub fn get(&self, key: impl AsRef<[u8]>) -> Option<Value> {
        self.entries.borrow().get(key.as_ref()).cloned()
    }

    /// Whether there is a value at `key`.
    pub fn has(&self, key: impl AsRef<[u8]>) -> bool {
        self.entries.borrow().get(key.as_ref()).is_some()
    }

    /// Sets `key` for everyone who holds the map. Fails on the nil map, as Go panics.
    pub fn set(&self, key: impl Into<Str>, value: Value) -> Result<(), String> {
        if self.nil {
            return Err("assignment to entry in nil map".to_owned());
        }
        self.entries.borrow_mut().insert(key.into(), value);
        Ok(())
    }

    /// Takes `key` out for everyone who holds the map.
    pub fn remove(&self, key: impl AsRef<[u8]>) {
        self.entries.borrow_mut().remove(key.as_ref());
    }

    /// Keys and values in order. Don't hold it while the map may be changed: take [`Map::snapshot`].
    pub fn entries(&self) -> Ref<'_, Entries> {
        self.entries.borrow()
    }

    /// Keys and values in order, as they are now.
    pub fn snapshot(&self) -> Vec<(Str, Value)> {
        self.entries.borrow().iter().map(|(key, value)| (key.clone(), value.clone())).collect()
    }

    /// The values, taken out, if nobody else holds the entries.
    fn take_last(&mut self) -> impl Iterator<Item = Value> + use<> {
        let entries = Rc::get_mut(&mut self.entries).map(|entries| entries.take());
        entries.unwrap_or_default().into_values()
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.entries.borrow().len()
    }

    /// Whether there is no key.
    pub fn is_empty(&self) -> bool {
        self.entries.borrow().is_empty()
    }
}

impl Struct {
    /// The field of that name with its declaration, also one of an embedded struct.
    pub fn field(&self, name: &str) -> Option<(&'static Field, &Value)> {
        let mut fields = self.of.fields.iter().zip(&self.fields);
        fields.find(|(field, _)| field.name == name).or_else(|| {
            let embedded = |(field, value): (&Field, _)| if field.embedded { Some(value) } else { None };
            self.of.fields.iter().zip(&self.fields).filter_map(embedded).find_map(|value: &Value| {
                if let Kind::Struct(inner) = &value.kind { inner.field(name) } else { None }
            })
        })
    }

    /// Keys and values as `encoding/json` marshals them, in its order: embedded structs unfolded, empty
    /// fields left out where they are declared so.
    pub fn json_entries(&self) -> Vec<(&'static str, &Value)> {
        let mut entries = Vec::new();
        for (field, value) in self.of.fields.iter().zip(&self.fields) {
            match &value.kind {
                Kind::Struct(inner) if field.embedded => entries.extend(inner.json_entries()),
                // Structs are never empty, and no number field is declared so.
                _ if field.json.is_empty() || field.omit_empty && !value.truth() => {}
                _ => entries.push((field.json, value)),
            }
        }
        entries
    }
}

/// A chain of containers is freed in a loop: templates can nest them deeper than the stack allows.
fn free(first: impl Iterator<Item = Value>) {
    let mut waiting: Vec<Value> = first.filter(is_container).collect();
    while let Some(value) = waiting.pop() {
        match value.kind {
            Kind::List(list) => {
                let given = Rc::into_inner(list).map(|mut list| std::mem::take(&mut list.given));
                waiting.extend(given.into_iter().flatten().filter(is_container));
            }
            Kind::Map(map) => {
                let values = Rc::into_inner(map).map(|mut map| map.take_last());
                waiting.extend(values.into_iter().flatten().filter(is_container));
            }
            _ => {}
        }
    }
}

fn is_container(value: &Value) -> bool {
    matches!(value.kind, Kind::List(_) | Kind::Map(_))
}

impl Drop for List {
    fn drop(&mut self) {
        if self.given.iter().any(is_container) {
            free(std::mem::take(&mut self.given).into_iter());
        }
    }
}

impl Drop for Map {
    fn drop(&mut self) {
        let nests = self.entries.borrow().values().any(is_container);
        if nests {
            free(self.take_last());
        }
    }
}

impl Value {
    /// The nil interface.
    pub const NIL: Self = Self { kind: Kind::Nil, origin: None };

    /// Go's `int`.
    pub fn int(number: i64) -> Self {
        Kind::Int(number, Signed::Int).into()
    }

    /// Go's `int64`.
    pub fn int64(number: i64) -> Self {
        Kind::Int(number, Signed::Int64).into()
    }

    /// Go's `uint8`.
    pub fn uint8(byte: u8) -> Self {
        Kind::Uint(byte.into(), Unsigned::Uint8).into()
    }

    /// `[]interface {}`.
    pub fn list(items: Vec<Self>) -> Self {
        Kind::List(Rc::new(List::new(Type::LIST, items))).into()
    }

    /// `[]string`.
    pub fn strings<S: Into<Str>>(items: impl IntoIterator<Item = S>) -> Self {
        let items = items.into_iter().map(|item| Self::from(item.into())).collect();
        Kind::List(Rc::new(List::new(Type::STRINGS, items))).into()
    }

    /// `map[string]interface {}`.
    pub fn map<K: Into<Str>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), value));
        Kind::Map(Rc::new(Map::new(Type::MAP, entries.collect()))).into()
    }

    /// `map[string]string`.
    pub fn string_map<K: Into<Str>, S: Into<Str>>(entries: impl IntoIterator<Item = (K, S)>) -> Self {
        let entries = entries.into_iter().map(|(key, value)| (key.into(), Self::from(value.into())));
        Kind::Map(Rc::new(Map::new(Type::STRING_MAP, entries.collect()))).into()
    }

    /// The zero value of a type: nil for those that can be nil.
    pub fn zero(of: Type) -> Self {
        match of {
            Type::Bool => Kind::Bool(false),
            Type::Int(of) => Kind::Int(0, of),
            Type::Uint(of) => Kind::Uint(0, of),
            Type::Float64 => Kind::Float(0.0),
            Type::Complex128 => Kind::Complex(0.0, 0.0),
            Type::String => Kind::String("".into()),
            Type::Slice(_) | Type::VersionSet(_) => Kind::List(Rc::new(List::nil(of))),
            Type::Map(_) | Type::Values(_) | Type::Files => Kind::Map(Rc::new(Map::nil(of))),
            Type::Time => Kind::Time(Rc::new(Time {
                seconds: -62_135_596_800,
                nanoseconds: 0,
                offset: 0,
                zone: "UTC".into(),
            })),
            Type::Struct(of) => {
                let fields = of.fields.iter().map(|field| Self::zero(field.of)).collect();
                Kind::Struct(Rc::new(Struct { of, pointer: false, fields }))
            }
            Type::Interface | Type::Pointer(_) | Type::Reflect => Kind::Nil,
        }
        .into()
    }

    /// The same value with another origin.
    #[must_use]
    pub fn made_from(self, origin: Option<Origin>) -> Self {
        Self { kind: self.kind, origin }
    }

    /// The nil interface (a nil map or slice is not).
    pub fn is_nil(&self) -> bool {
        matches!(self.kind, Kind::Nil)
    }

    /// Go's truth: what is not the zero value of its type, and not empty.
    pub fn truth(&self) -> bool {
        match &self.kind {
            Kind::Nil => false,
            Kind::Bool(bool) => *bool,
            Kind::Int(number, _) => *number != 0,
            Kind::Uint(number, _) => *number != 0,
            Kind::Float(number) => *number != 0.0,
            Kind::Complex(real, imaginary) => *real != 0.0 || *imaginary != 0.0,
            Kind::String(text) => !text.is_empty(),
            Kind::Bytes(bytes) => !bytes.is_empty(),
            Kind::List(list) => !list.is_empty(),
            Kind::Map(map) => !map.is_empty(),
            Kind::Struct(_) | Kind::Time(_) => true,
        }
    }

    /// What the value's own method `String` says, if its type has one.
    pub fn string_method(&self) -> Option<Vec<u8>> {
        match &self.kind {
            Kind::Struct(value) if value.pointer || value.of.string_by_value => {
                value.of.string.map(|string| string(value).to_vec())
            }
            Kind::Time(time) => Some(time.string()),
            Kind::Int(number, of) => of.string(*number).map(String::into_bytes),
            _ => None,
        }
    }

    /// The string, if it is one.
    pub fn as_string(&self) -> Option<&Str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The map, if it is one (of any map type).
    pub fn as_map(&self) -> Option<&Rc<Map>> {
        if let Kind::Map(map) = &self.kind { Some(map) } else { None }
    }

    /// The items of any slice, bytes included.
    pub fn items(&self) -> Option<Cow<'_, [Self]>> {
        match &self.kind {
            Kind::List(list) => Some(Cow::Borrowed(list)),
            Kind::Bytes(bytes) => Some(bytes.iter().map(|&byte| Self::uint8(byte)).collect()),
            _ => None,
        }
    }
}

impl From<Kind> for Value {
    fn from(kind: Kind) -> Self {
        Self { kind, origin: None }
    }
}

impl From<bool> for Value {
    fn from(bool: bool) -> Self {
        Kind::Bool(bool).into()
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Kind::Float(number).into()
    }
}

impl From<Str> for Value {
    fn from(text: Str) -> Self {
        Kind::String(text).into()
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Str::from(text).into()
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Str::from(text).into()
    }
}

/// As Helm's values are: lists `[]interface {}`, maps `map[string]interface {}`, `--set` integers
/// `int64`. Recursive, as the depth of plain values is bounded where they are read.
impl From<&plain::Value> for Value {
    fn from(value: &plain::Value) -> Self {
        match value {
            plain::Value::Null => Self::NIL,
            plain::Value::Bool(bool) => (*bool).into(),
            plain::Value::Int(number) => Self::int64(*number),
            plain::Value::Float(number) => (*number).into(),
            plain::Value::String(text) => Str::from(Arc::clone(text)).into(),
            plain::Value::List(items) => Self::list(items.iter().map(Self::from).collect()),
            plain::Value::Map(map) => {
                Self::map(map.iter().map(|(key, value)| (Arc::clone(key), Self::from(value))))
            }
        }
    }
}
