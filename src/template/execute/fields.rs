//! Fields, entries of maps, and methods.

use super::{Executor, MissingKey, Name, Operand, Result};
use crate::template::functions::Function;
use crate::template::methods;
use crate::template::quote::quote;
use crate::template::tree::Id;
use crate::template::types::Type;
use crate::template::value::{Kind, Value};

impl Executor<'_> {
    /// What `.name` of the receiver is, a method called without arguments included.
    pub(super) fn field(&mut self, receiver: Operand, name: Name, node: Id) -> Result<Operand> {
        if receiver.is_nothing() {
            if self.missing_key == MissingKey::Error {
                let name = quote(&self.name(name));
                return Err(format!("nil data; no entry for key {name}").into());
            }
            return Ok(receiver);
        }
        // Most receivers are maps without methods: no name is copied for them.
        if let Kind::Map(map) = &receiver.value.kind
            && let Type::Map(element) = map.of
        {
            let key = &self.frame.code.names[name.0 as usize];
            if let Some(mut value) = map.get(key.as_bytes()) {
                if value.origin.is_none() {
                    value.origin.clone_from(&receiver.value.origin);
                }
                return Ok(Operand::element(value, *element));
            }
        }
        let name = self.name(name);
        if receiver.value.is_nil() {
            self.note_nil(&receiver.value);
        }
        if let Some(method) = method(&receiver, &name)? {
            check_count(method, &name, 0, false)?;
            return self.invoke(method, &name, receiver.value, &[], node);
        }
        self.plain_field(receiver, &name, false, node)
    }

    /// A field of a struct or an entry of a map.
    pub(super) fn plain_field(
        &mut self,
        receiver: Operand,
        name: &str,
        has_arguments: bool,
        node: Id,
    ) -> Result<Operand> {
        match &receiver.value.kind {
            Kind::Struct(value) => {
                if let Some((declared, field)) = value.field(name) {
                    if has_arguments {
                        return Err(format!("{name} has arguments but cannot be invoked as function").into());
                    }
                    if !name.starts_with(char::is_uppercase) {
                        let of = receiver.type_name();
                        return Err(format!("{name} is an unexported field of struct type {of}").into());
                    }
                    return Ok(Operand::element(field.clone(), declared.of));
                }
            }
            Kind::Map(map) => {
                if has_arguments {
                    return Err(format!("{name} is not a method but has arguments").into());
                }
                let of = map.of.element();
                if let Some(mut value) = map.get(name.as_bytes()) {
                    if value.origin.is_none() {
                        value.origin.clone_from(&receiver.value.origin);
                    }
                    return Ok(Operand::element(value, of));
                }
                self.note_missing(&receiver.value, name, node);
                return match self.missing_key {
                    MissingKey::Invalid => Ok(Operand::NOTHING),
                    MissingKey::Zero => Ok(Operand::element(Value::zero(of), of)),
                    MissingKey::Error => Err(format!("map has no entry for key {}", quote(name)).into()),
                };
            }
            _ => {}
        }
        Err(format!("can't evaluate field {name} in type {}", receiver.type_name()).into())
    }

    /// Takes the receiver: its method waits for the arguments; without a method there is nothing that
    /// could take them.
    pub(super) fn prepare_method(&mut self, name: Name, words: u16, piped: bool, to: u32) -> Result<()> {
        let receiver = self.pop();
        if receiver.is_nothing() && self.missing_key != MissingKey::Error {
            if piped {
                self.operands.pop();
            }
            self.operands.push(receiver);
            self.frame.next = to as usize;
            return Ok(());
        }
        let name = self.name(name);
        if receiver.is_nothing() {
            return Err(format!("nil data; no entry for key {}", quote(&name)).into());
        }
        if receiver.value.is_nil() {
            self.note_nil(&receiver.value);
        }
        match method(&receiver, &name)? {
            Some(method) => {
                check_count(method, &name, words, piped)?;
                self.methods.push((method, receiver.value));
            }
            None => drop(self.plain_field(receiver, &name, true, self.frame.at)?),
        }
        Ok(())
    }

    /// The type of a parameter of the method that waits.
    pub(super) fn parameter(&self, index: u16) -> Type {
        let parameters = self.methods.last().map_or(&[][..], |(method, _)| method.parameters);
        parameters.get(usize::from(index)).or(parameters.last()).copied().unwrap_or(Type::Interface)
    }

    pub(super) fn check(&mut self, of: Type, above: u16) -> Result<()> {
        let at = self.operands.len() - 1 - usize::from(above);
        let operand = std::mem::take(&mut self.operands[at]);
        self.operands[at] = operand.validated(of)?;
        Ok(())
    }

    pub(super) fn call_method(&mut self, name: Name, node: Id, words: u16, piped: bool) -> Result<()> {
        if piped {
            self.check(self.parameter(words), words)?;
        }
        let Some((method, receiver)) = self.methods.pop() else { return Ok(()) };
        let arguments = self.take_arguments(words, piped);
        let name = self.name(name);
        let result = self.invoke(method, &name, receiver, &arguments, node)?;
        self.operands.push(result);
        Ok(())
    }

    pub(super) fn invoke(
        &mut self,
        method: &'static Function,
        name: &str,
        receiver: Value,
        arguments: &[Value],
        node: Id,
    ) -> Result<Operand> {
        let arguments: Vec<Value> = std::iter::once(receiver).chain(arguments.iter().cloned()).collect();
        let answer = self.run_function(method, &arguments)?;
        Ok(self.answer(answer, name, node, &arguments)?.into())
    }
}

/// The method of that name, if the receiver has one. Nil has no methods and no fields.
fn method(receiver: &Operand, name: &str) -> Result<Option<&'static Function>> {
    if receiver.value.is_nil() {
        return Err(format!("nil pointer evaluating {}.{name}", receiver.type_name()).into());
    }
    Ok(methods::method(&receiver.value, name))
}

fn check_count(method: &Function, name: &str, words: u16, piped: bool) -> Result<()> {
    let given = usize::from(words) + usize::from(piped);
    let fixed = method.parameters.len() - usize::from(method.variadic);
    if method.variadic && given < fixed {
        return Err(format!("wrong number of args for {name}: want at least {fixed} got {words}").into());
    }
    if !method.variadic && given != fixed {
        return Err(format!("wrong number of args for {name}: want {fixed} got {given}").into());
    }
    Ok(())
}
