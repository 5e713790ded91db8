//! What the executor computes with: a value, and how Go's `reflect` would hold it.

use super::types::Type;
use super::value::{Kind, List, Value};
use std::rc::Rc;

/// A value as a step of a chain sees it.
#[derive(Clone, Debug, Default)]
pub struct Operand {
    /// The value. Nil outside an interface is no value at all, Go's zero `reflect.Value`.
    pub value: Value,
    /// Whether it stands in a variable of type `interface {}`, as the elements of most maps do: errors
    /// then name that type and not the value's own.
    pub in_interface: bool,
}

impl Operand {
    /// No value at all.
    pub const NOTHING: Self = Self { value: Value::NIL, in_interface: false };

    /// The element of a container with elements of type `of`.
    pub fn element(value: Value, of: Type) -> Self {
        Self { value, in_interface: of == Type::Interface }
    }

    /// Whether there is no value at all.
    pub fn is_nothing(&self) -> bool {
        !self.in_interface && self.value.is_nil()
    }

    /// Go's name of its static type. There is none of nothing.
    pub fn type_name(&self) -> String {
        if self.in_interface { Type::Interface.to_string() } else { self.value.type_name() }
    }

    /// The operand as an argument of type `of` (Go's `validateType`).
    pub fn validated(self, of: Type) -> Result<Self, String> {
        if matches!(of, Type::Interface | Type::Reflect) {
            return Ok(self);
        }
        if self.is_nothing() {
            return if of.can_be_nil() {
                Ok(Value::zero(of).made_from(self.value.origin).into())
            } else {
                Err(format!("invalid value; expected {of}"))
            };
        }
        let Some(found) = self.value.type_of() else {
            return Err(format!("wrong type for value; expected {of}; got {}", Type::Interface));
        };
        match (found, of, &self.value.kind) {
            _ if found == of => Ok(self.value.into()),
            (_, _, Kind::Map(map)) if found.assignable_to(of) => {
                Ok(Value::from(Kind::Map(Rc::new(map.viewed_as(of)))).made_from(self.value.origin).into())
            }
            (_, _, Kind::List(list)) if found.assignable_to(of) => {
                let list = List::new(of, list.to_vec());
                Ok(Value::from(Kind::List(Rc::new(list))).made_from(self.value.origin).into())
            }
            _ if found.assignable_to(of) => Ok(self.value.into()),
            (Type::Pointer(pointed), Type::Struct(wanted), Kind::Struct(pointer)) if pointed == wanted => {
                let fields = pointer.fields.clone();
                let of = pointer.of;
                let target = super::value::Struct { of, pointer: false, fields };
                Ok(Value::from(Kind::Struct(Rc::new(target))).made_from(self.value.origin).into())
            }
            _ => Err(format!("wrong type for value; expected {of}; got {found}")),
        }
    }
}

impl From<Value> for Operand {
    fn from(value: Value) -> Self {
        Self { value, in_interface: false }
    }
}
