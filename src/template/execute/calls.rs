//! Calls of functions, and Helm's `include` and `tpl`, which run templates.

use super::frame::{Frame, Layer, Origin as Caller};
use super::{Executor, Failure, MAX_INCLUDES, Operand, Result, no_template};
use crate::source::{File, Location};
use crate::template::builtins::CALLED;
use crate::template::code::Callee;
use crate::template::error::{Cause, Link};
use crate::template::functions::{Function, MOST_ITEMS};
use crate::template::quote::quote_bytes;
use crate::template::set::{Templates, parse_text};
use crate::template::trace::Output;
use crate::template::tree::{Id, Kind as Node};
use crate::template::value::{Kind, Origin, Str, Value};
use crate::template::weight;
use std::rc::Rc;
use std::sync::Arc;

/// Bytes that most included templates write.
const ROOM: usize = 128;

impl Executor<'_> {
    /// The top `words` operands, then the piped one below them.
    pub(super) fn take_arguments(&mut self, words: u16, piped: bool) -> Vec<Value> {
        let first = self.operands.len() - usize::from(words);
        let mut arguments: Vec<Value> = self.operands.drain(first..).map(|operand| operand.value).collect();
        if piped {
            arguments.push(self.pop().value);
        }
        arguments
    }

    pub(super) fn call_function(&mut self, callee: Callee, node: Id, words: u16, piped: bool) -> Result<()> {
        match callee {
            Callee::Function(function) => {
                let arguments = self.take_arguments(words, piped);
                let answer = self.run_function(function, &arguments)?;
                self.note_use(function.name, &arguments);
                let value = self.answer(answer, function.name, node, &arguments)?;
                if self.trace.is_some() {
                    self.keep_parts(function.name, &arguments, &value, node);
                }
                self.operands.push(value.into());
            }
            Callee::Builtin(builtin) => {
                let count = usize::from(words) + usize::from(piped);
                let first = self.operands.len() - count;
                if piped {
                    self.operands[first..].rotate_left(1);
                }
                let mut answer = (builtin.body)(&self.operands[first..]);
                if builtin.name == "call" {
                    answer = answer.map_err(|error| error.replace(CALLED, &self.called(node, first, words)));
                }
                let arguments: Vec<Value> = if self.trace.is_some() {
                    self.operands[first..].iter().map(|operand| operand.value.clone()).collect()
                } else {
                    Vec::new()
                };
                self.operands.truncate(first);
                self.note_use(builtin.name, &arguments);
                let value = self.answer(answer, builtin.name, node, &arguments)?;
                self.spend(weight::of_result(&value))?;
                self.operands.push(value.into());
            }
            Callee::Include | Callee::Tpl => {
                let mut arguments = self.take_arguments(words, piped).into_iter();
                let text = arguments.next().unwrap_or_default();
                let dot = Operand::from(arguments.next().unwrap_or_default());
                self.note_use(callee.name(), std::slice::from_ref(&text));
                let origin = text.origin.clone();
                let text = text.as_string().cloned().unwrap_or_else(|| "".into());
                let limit = self.limits.calls;
                if self.outputs.len() > limit {
                    return Err(Failure::budget(format!(
                        "stopped at {limit} nested calls of include and tpl"
                    )));
                }
                match callee {
                    Callee::Include => self.include(text, dot, node)?,
                    _ => self.tpl(text, origin, dot, node)?,
                }
            }
        }
        Ok(())
    }

    /// Runs a function if what it has to go through is within the budget. Large arguments and results
    /// cost more than one step.
    pub(super) fn run_function(
        &mut self,
        function: &Function,
        arguments: &[Value],
    ) -> Result<std::result::Result<Value, String>> {
        let Some(weight) = weight::weight(arguments, function.shallow) else {
            return Err(Failure::budget(format!(
                "stopped before {}: there are more than {MOST_ITEMS} items in what it is given",
                function.name
            )));
        };
        self.spend(weight)?;
        let answer = (function.body)(self.context, arguments);
        if let Ok(value) = &answer {
            self.spend(weight::of_result(value))?;
        }
        Ok(answer)
    }

    /// How `call` names what it was given: the expression, or what Go's reflection calls a piped value.
    pub(super) fn called(&self, node: Id, first: usize, words: u16) -> String {
        let source = &self.frame.code.source;
        let argument = match &source.node(node).kind {
            Node::Command(all) if words > 0 => all.get(1),
            _ => None,
        };
        match (argument, &self.operands[first].value.kind) {
            (Some(&argument), _) => source.print(argument),
            (None, Kind::String(text)) => text.to_string(),
            (None, _) => format!("<{} Value>", self.operands[first].value.type_name()),
        }
    }

    /// The result of a function, made from its arguments unless it says otherwise.
    pub(super) fn answer(
        &mut self,
        answer: Result<Value, String>,
        name: &str,
        node: Id,
        arguments: &[Value],
    ) -> Result<Value> {
        let value = answer.map_err(|error| self.failed_call(name, node, error))?;
        if self.trace.is_none() || value.origin.is_some() {
            return Ok(value);
        }
        let origins = arguments.iter().map(|argument| argument.origin.as_ref());
        let origin = origins.fold(None, Origin::union);
        Ok(value.made_from(origin))
    }

    pub(super) fn failed_call(&mut self, name: &str, node: Id, error: String) -> Failure {
        self.frame.at = node;
        let link = Link { text: error, located: false, location: None, template: None };
        Failure { cause: Cause::Execution, message: format!("error calling {name}: "), inner: vec![link] }
    }

    /// Helm's `include`: the output of a template as a text.
    pub(super) fn include(&mut self, name: Str, dot: Operand, node: Id) -> Result<()> {
        let count = self.included.entry(name.clone()).or_insert(0);
        if *count > MAX_INCLUDES {
            let error =
                format!("rendering template has a nested reference name: {name}: unable to execute template");
            return Err(self.failed_call("include", node, error));
        }
        *count += 1;
        let Some(code) = self.template(&name.text()) else {
            return Err(self.failed_call("include", node, no_template(&name.text(), &self.set.name)));
        };
        let frame = Frame {
            layer: self.frame.layer.clone(),
            origin: Caller::Include { name, node },
            ..Frame::root(&code)
        };
        self.outputs.push(Output::with_room(ROOM));
        self.call(frame, dot);
        Ok(())
    }

    /// Helm's `tpl`: a text as a template, which sees all others; what it defines is seen inside alone.
    pub(super) fn tpl(&mut self, text: Str, origin: Option<Origin>, dot: Operand, node: Id) -> Result<()> {
        let nesting = self.frame.layer.as_ref().map_or(0, |layer| layer.nesting) + 1;
        if nesting > self.limits.tpl {
            if self.limits.tpl_refuses {
                let error = format!("maximum recursion depth {} exceeded in tpl function", self.limits.tpl);
                return Err(self.failed_call("tpl", node, error));
            }
            return Err(Failure::budget(format!("stopped at {} nested calls of tpl", self.limits.tpl)));
        }
        if !self.parsed.contains_key(&text) {
            let source = &self.frame.code.source;
            let parent = Location::new(&source.file, source.node(node).span);
            let file = File::generated("tpl", text.text(), Some(parent));
            match parse_text(&file, &self.set.name, self.set.functions()) {
                Ok(codes) => drop(self.parsed.insert(text.clone(), codes)),
                Err(mut error) => {
                    let prefix = format!("cannot parse template {}: ", quote_bytes(&text, false));
                    let mut failure = self.failed_call("tpl", node, prefix);
                    failure.inner.append(&mut error.links);
                    return Err(failure);
                }
            }
        }
        let codes = self.parsed.get(&text).map_or(&[][..], Vec::as_slice);
        let Some(main) = codes.last().map(Arc::clone) else { return Ok(()) };
        let mut templates = Templates::default();
        for code in codes {
            // An empty one hides no other, neither here nor further out.
            if !code.empty || self.template(&code.name).is_none() {
                templates.add(Arc::clone(code));
            }
        }
        let outer = self.frame.layer.clone();
        let mut frame = Frame {
            layer: Some(Rc::new(Layer { outer, templates, nesting })),
            origin: Caller::Tpl { text, node },
            ..Frame::root(&main)
        };
        frame.traced.text = origin;
        self.outputs.push(Output::with_room(ROOM));
        self.call(frame, dot);
        Ok(())
    }
}
