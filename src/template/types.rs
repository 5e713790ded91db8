//! Go's types, as far as templates meet them. Their names stand in error texts and in `typeOf`.

use super::value::{Kind, StructType, Value};
use std::fmt;

/// A Go type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`: any value.
    Interface,
    /// `bool`.
    Bool,
    /// A signed integer.
    Int(Signed),
    /// An unsigned integer.
    Uint(Unsigned),
    /// `float64`.
    Float64,
    /// `complex128`: only constants such as `1i` are of it.
    Complex128,
    /// `string`.
    String,
    /// A slice of the given elements; `[]uint8` is [`Kind::Bytes`].
    Slice(&'static Type),
    /// A map from strings to the given elements.
    Map(&'static Type),
    /// Helm's `Values`, a named `map[string]interface {}` with methods.
    Values(Package),
    /// Helm's `.Files`, a named `map[string][]uint8` with methods.
    Files,
    /// Helm's `VersionSet`, a named `[]string` with the method `Has`.
    VersionSet(Package),
    /// `time.Time`.
    Time,
    /// A struct.
    Struct(&'static StructType),
    /// A pointer to a struct.
    Pointer(&'static StructType),
    /// `reflect.Value`: as a parameter it takes what it is given as it is, nil too. The builtins
    /// `index`, `len`, `eq` and their like have it.
    Reflect,
}

/// The Go package that Helm's values types live in: it moved with Helm 4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Package {
    /// `chartutil`, Helm 3.
    Chartutil,
    /// `common`, Helm 4.
    Common,
}

/// Kinds of signed integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Signed {
    Int,
    Int32,
    Int64,
    /// `time.Duration`, in nanoseconds.
    Duration,
    /// `time.Month`, from 1.
    Month,
    /// `time.Weekday`, Sunday is 0.
    Weekday,
}

/// Kinds of unsigned integers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Unsigned {
    Uint,
    Uint8,
    Uint32,
    Uint64,
}

impl Type {
    /// Go's `int`.
    pub const INT: Self = Self::Int(Signed::Int);
    /// Go's `int64`.
    pub const INT64: Self = Self::Int(Signed::Int64);
    /// `[]interface {}`.
    pub const LIST: Self = Self::Slice(&Self::Interface);
    /// `[]string`.
    pub const STRINGS: Self = Self::Slice(&Self::String);
    /// `[]int`.
    pub const INTS: Self = Self::Slice(&Self::INT);
    /// `[]uint8`, also spelled `[]byte`.
    pub const BYTES: Self = Self::Slice(&Self::Uint(Unsigned::Uint8));
    /// `map[string]interface {}`.
    pub const MAP: Self = Self::Map(&Self::Interface);
    /// `map[string]string`.
    pub const STRING_MAP: Self = Self::Map(&Self::String);

    /// The type of the elements of a slice or map type; `interface {}` for any other.
    #[must_use]
    pub fn element(self) -> Self {
        match self {
            Self::Slice(element) | Self::Map(element) => *element,
            Self::VersionSet(_) => Self::String,
            Self::Files => Self::BYTES,
            _ => Self::Interface,
        }
    }

    /// Whether a nil can stand for a value of the type.
    pub fn can_be_nil(self) -> bool {
        match self {
            Self::Interface
            | Self::Slice(_)
            | Self::Map(_)
            | Self::Values(_)
            | Self::Files
            | Self::VersionSet(_)
            | Self::Pointer(_)
            | Self::Reflect => true,
            Self::Bool
            | Self::Int(_)
            | Self::Uint(_)
            | Self::Float64
            | Self::Complex128
            | Self::String
            | Self::Time
            | Self::Struct(_) => false,
        }
    }

    /// Whether a value of this type can be given where `to` is asked for without conversion: the same
    /// type, `interface {}`, or a named type and the unnamed type that it is made of.
    pub fn assignable_to(self, to: Self) -> bool {
        self == to
            || match to {
                Self::Interface => true,
                Self::Map(element) => *element == Self::Interface && matches!(self, Self::Values(_)),
                Self::Slice(element) => *element == Self::String && matches!(self, Self::VersionSet(_)),
                Self::Values(_) => self == Self::MAP,
                Self::VersionSet(_) => self == Self::STRINGS,
                _ => false,
            }
    }

    /// The name of the kind, as `kindOf` gives it: `slice`, `map`, `struct`, `ptr`, `float64`.
    pub fn kind_name(self) -> &'static str {
        match self {
            Self::Interface => "interface",
            Self::Bool => "bool",
            Self::Int(Signed::Int | Signed::Month | Signed::Weekday) => "int",
            Self::Int(Signed::Int32) => "int32",
            Self::Int(Signed::Int64 | Signed::Duration) => "int64",
            Self::Uint(Unsigned::Uint) => "uint",
            Self::Uint(Unsigned::Uint8) => "uint8",
            Self::Uint(Unsigned::Uint32) => "uint32",
            Self::Uint(Unsigned::Uint64) => "uint64",
            Self::Float64 => "float64",
            Self::Complex128 => "complex128",
            Self::String => "string",
            Self::Slice(_) | Self::VersionSet(_) => "slice",
            Self::Map(_) | Self::Values(_) | Self::Files => "map",
            Self::Time | Self::Struct(_) | Self::Reflect => "struct",
            Self::Pointer(_) => "ptr",
        }
    }
}

/// Go's name of the type (`reflect.Type.String`).
impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let package = |package: &Package| match package {
            Package::Chartutil => "chartutil",
            Package::Common => "common",
        };
        match self {
            Self::Interface => f.write_str("interface {}"),
            Self::Slice(element) => write!(f, "[]{element}"),
            Self::Map(element) => write!(f, "map[string]{element}"),
            Self::Values(home) => write!(f, "{}.Values", package(home)),
            Self::VersionSet(home) => write!(f, "{}.VersionSet", package(home)),
            Self::Files => f.write_str("engine.files"),
            Self::Time => f.write_str("time.Time"),
            Self::Int(Signed::Duration) => f.write_str("time.Duration"),
            Self::Int(Signed::Month) => f.write_str("time.Month"),
            Self::Int(Signed::Weekday) => f.write_str("time.Weekday"),
            Self::Struct(of) => f.write_str(of.name),
            Self::Pointer(of) => write!(f, "*{}", of.name),
            Self::Reflect => f.write_str("reflect.Value"),
            Self::Bool | Self::Int(_) | Self::Uint(_) | Self::Float64 | Self::Complex128 | Self::String => {
                f.write_str(self.kind_name())
            }
        }
    }
}

impl Value {
    /// The dynamic type; `None` for nil, which has none.
    pub fn type_of(&self) -> Option<Type> {
        Some(match &self.kind {
            Kind::Nil => return None,
            Kind::Bool(_) => Type::Bool,
            Kind::Int(_, of) => Type::Int(*of),
            Kind::Uint(_, of) => Type::Uint(*of),
            Kind::Float(_) => Type::Float64,
            Kind::Complex(..) => Type::Complex128,
            Kind::String(_) => Type::String,
            Kind::Bytes(_) => Type::BYTES,
            Kind::List(list) => list.of,
            Kind::Map(map) => map.of,
            Kind::Struct(value) if value.pointer => Type::Pointer(value.of),
            Kind::Struct(value) => Type::Struct(value.of),
            Kind::Time(_) => Type::Time,
        })
    }

    /// Go's name of the dynamic type, `<nil>` for nil, as `printf "%T"` gives it.
    pub fn type_name(&self) -> String {
        self.type_of().map_or_else(|| "<nil>".to_owned(), |of| of.to_string())
    }
}
