//! Runs templates: Go's executor (package `text/template`, its exec.go) with stacks of its own, and
//! Helm's `include` and `tpl`, which call back into it.

use super::builtins::CALLED;
use super::code::{Callee, Code, Name, Op};
use super::error::{Cause, Error, Link};
use super::frame::{Frame, Items, Iteration, Origin as Caller};
use super::functions::{Context, Function};
use super::operand::Operand;
use super::set::{Set, Templates, parse_text};
use super::trace::{Output, Segment, Trace};
use super::tree::{Id, Kind as Node};
use super::types::Type;
use super::value::{Kind, Origin, Str, Value};
use super::{literal, methods, print, quote};
use crate::source::{File, Location};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

/// What a key that a map does not have stands for (Go's option `missingkey`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MissingKey {
    /// No value (`default` and `invalid`): printed as `<no value>`.
    #[default]
    Invalid,
    /// The zero value of the map's elements.
    Zero,
    /// An error.
    Error,
}

impl std::str::FromStr for MissingKey {
    type Err = String;

    /// An option as Go's `Template.Option` takes it, `missingkey=error` for example.
    fn from_str(option: &str) -> Result<Self, String> {
        match option {
            "missingkey=default" | "missingkey=invalid" => Ok(Self::Invalid),
            "missingkey=zero" => Ok(Self::Zero),
            "missingkey=error" => Ok(Self::Error),
            "" => Err("empty option string".to_owned()),
            _ => Err(format!("unrecognized option: {option}")),
        }
    }
}

/// How much an execution may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Steps: a field, a call, a piece of text.
    pub steps: u64,
    /// Bytes written, those into the results of `include` counted as well.
    pub output: usize,
    /// Nested calls of `tpl`.
    pub tpl: usize,
    /// Whether a deeper call is an error of the function (Argo CD) or of our budget (Helm has no limit).
    pub tpl_refuses: bool,
    /// Nested calls of `include` and `tpl` together.
    pub calls: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 20_000_000, output: 256 << 20, tpl: 1_000, tpl_refuses: false, calls: 20_000 }
    }
}

/// How often a name may be included inside itself (Helm's engine).
const MAX_INCLUDES: u32 = 1_000;

/// How deep `template` may nest (Go's text/template).
const MAX_TEMPLATE_DEPTH: u32 = 100_000;

/// Runs the template `name` on `dot`. The text is Go's output as it is, `<no value>` included.
pub fn execute(
    set: &Set,
    name: &str,
    dot: Value,
    missing_key: MissingKey,
    limits: Limits,
    context: &mut Context,
    trace: Option<&mut Trace>,
) -> Result<Output, Error> {
    let Some(code) = set.get(name) else {
        let link =
            Link { text: no_template(name, &set.name), located: false, location: None, template: None };
        return Err(Error { cause: Cause::Execution, links: vec![link] });
    };
    let mut executor = Executor {
        set,
        missing_key,
        limits,
        context,
        trace,
        steps: 0,
        written: 0,
        frame: Frame::root(code),
        callers: Vec::new(),
        operands: Vec::new(),
        variables: Vec::new(),
        dots: Vec::new(),
        marks: Vec::new(),
        iterations: Vec::new(),
        methods: Vec::new(),
        outputs: vec![Output::default()],
        included: HashMap::new(),
        parsed: HashMap::new(),
        last_text: None,
    };
    executor.enter(dot.into());
    executor.run()
}

fn no_template(name: &str, set: &str) -> String {
    format!("template: no template {} associated with template {}", quote::quote(name), quote::quote(set))
}

/// Why a step failed. Everything is blamed on the node of the frame.
struct Failure {
    cause: Cause,
    /// Go's message, up to the text of `inner`.
    message: String,
    /// The error that it wraps.
    inner: Vec<Link>,
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Self { cause: Cause::Execution, message, inner: Vec::new() }
    }
}

impl Failure {
    fn budget(message: String) -> Self {
        Self { cause: Cause::Budget, message, inner: Vec::new() }
    }
}

type Result<T, E = Failure> = std::result::Result<T, E>;

struct Executor<'a> {
    set: &'a Set,
    missing_key: MissingKey,
    limits: Limits,
    context: &'a mut Context,
    trace: Option<&'a mut Trace>,
    steps: u64,
    written: usize,
    frame: Frame,
    callers: Vec<Frame>,
    operands: Vec<Operand>,
    variables: Vec<(Name, Operand)>,
    dots: Vec<Operand>,
    marks: Vec<usize>,
    iterations: Vec<Iteration>,
    /// Methods whose arguments are being evaluated, with their receivers.
    methods: Vec<(&'static Function, Value)>,
    outputs: Vec<Output>,
    /// How often each name is being included.
    included: HashMap<Str, u32>,
    /// Texts that `tpl` has met.
    parsed: HashMap<Str, Vec<Arc<Code>>>,
    /// The parts of the text that `include` or `tpl` gave last, if somebody traces.
    last_text: Option<(Str, Vec<Segment>)>,
}

impl Executor<'_> {
    fn run(mut self) -> Result<Output, Error> {
        loop {
            match self.step() {
                Ok(true) => {}
                Ok(false) => break,
                Err(failure) => return Err(self.unwind(failure)),
            }
        }
        let mut output = self.outputs.pop().unwrap_or_default();
        if let Some(trace) = self.trace {
            trace.segments.append(&mut output.segments);
        }
        Ok(output)
    }

    /// The error with the places of all calls that led to it.
    fn unwind(mut self, failure: Failure) -> Error {
        let mut links = vec![self.frame.blame(failure.message)];
        links.extend(failure.inner);
        while let Some(caller) = self.callers.pop() {
            let called = std::mem::replace(&mut self.frame, caller);
            match called.origin {
                Caller::Root | Caller::Template => {}
                Caller::Include { node, .. } => {
                    self.frame.at = node;
                    links.insert(0, self.frame.blame("error calling include: ".to_owned()));
                }
                Caller::Tpl { node, text } => {
                    self.frame.at = node;
                    let text = quote::quote_bytes(&text, false);
                    let text = format!("error during tpl function execution for {text}: ");
                    links.insert(0, Link { text, located: false, location: None, template: None });
                    links.insert(0, self.frame.blame("error calling tpl: ".to_owned()));
                }
            }
        }
        Error { cause: failure.cause, links }
    }

    // Frames.

    /// Starts the frame on a dot.
    fn enter(&mut self, dot: Operand) {
        self.frame.variables = self.variables.len();
        self.frame.dots = self.dots.len();
        self.variables.push((Name::ROOT, dot.clone()));
        self.dots.push(dot);
    }

    fn call(&mut self, frame: Frame, dot: Operand) {
        let caller = std::mem::replace(&mut self.frame, frame);
        self.callers.push(caller);
        self.enter(dot);
    }

    /// Goes back to the caller; `false` if there is none.
    fn leave(&mut self) -> bool {
        self.variables.truncate(self.frame.variables);
        self.dots.truncate(self.frame.dots);
        let Some(caller) = self.callers.pop() else { return false };
        let called = std::mem::replace(&mut self.frame, caller);
        match called.origin {
            Caller::Root | Caller::Template => return true,
            Caller::Include { name, .. } => {
                if let Some(count) = self.included.get_mut(&name) {
                    *count -= 1;
                }
            }
            Caller::Tpl { .. } => {
                if let Some(output) = self.outputs.last_mut() {
                    output.remove_all(b"<no value>");
                }
            }
        }
        let output = self.outputs.pop().unwrap_or_default();
        let text = Str::from(output.text);
        if self.trace.is_some() {
            self.last_text = Some((text.clone(), output.segments));
        }
        self.operands.push(Value::from(text).made_from(output.origin).into());
        true
    }

    fn template(&self, name: &str) -> Option<Arc<Code>> {
        let mut layer = self.frame.layer.as_deref();
        while let Some(found) = layer {
            if let Some(code) = found.templates.get(name) {
                return Some(Arc::clone(code));
            }
            layer = found.outer.as_deref();
        }
        self.set.get(name).map(Arc::clone)
    }

    // Steps.

    /// Runs one step; `false` at the end of the execution.
    fn step(&mut self) -> Result<bool> {
        let Some(&op) = self.frame.code.ops.get(self.frame.next) else {
            return Ok(self.leave());
        };
        self.frame.next += 1;
        self.steps += 1;
        if self.steps > self.limits.steps {
            let steps = self.limits.steps;
            return Err(Failure::budget(format!("stopped after {steps} steps")));
        }
        match op {
            Op::At(node) => self.frame.at = node,
            Op::Text(node) => self.write_text(node)?,
            Op::Constant(at) => {
                let value = self.frame.code.constants[at as usize].value();
                self.operands.push(value.into());
            }
            Op::Dot => self.operands.push(self.dots.last().cloned().unwrap_or_default()),
            Op::Nothing => self.operands.push(Operand::NOTHING),
            Op::Variable(name) => {
                let at = self.variable(name)?;
                self.operands.push(self.variables[at].1.clone());
            }
            Op::Field { name, node } => {
                let receiver = self.pop();
                let value = self.field(receiver, name, node)?;
                self.operands.push(value);
            }
            Op::Method { name, words, piped, to } => self.prepare_method(name, words, piped, to)?,
            Op::Literal { node, index } => {
                let of = self.parameter(index);
                let constant = literal::literal(&self.frame.code.source, node, of)?;
                self.operands.push(constant.value().into());
            }
            Op::CheckParameter { index } => self.check(self.parameter(index), 0)?,
            Op::CallMethod { name, node, words, piped } => self.call_method(name, node, words, piped)?,
            Op::Check { of, above } => self.check(of, above)?,
            Op::Call { callee, node, words, piped } => self.call_function(callee, node, words, piped)?,
            Op::Print(node) => self.print(node)?,
            Op::Fail(at) => return Err(self.frame.code.messages[at as usize].clone().into()),
            _ => self.control(op)?,
        }
        Ok(true)
    }

    /// Steps that go elsewhere, and the small ones.
    fn control(&mut self, op: Op) -> Result<()> {
        match op {
            Op::ShortCircuit { on, to } => {
                let truth = self.operands.last().is_some_and(|operand| operand.value.truth());
                self.note_use_of_top();
                if truth == on {
                    self.frame.next = to as usize;
                } else {
                    self.operands.pop();
                }
            }
            Op::DropBelow => {
                let top = self.pop();
                self.operands.pop();
                self.operands.push(top);
            }
            Op::Drop => drop(self.operands.pop()),
            Op::Unwrap => {
                if let Some(operand) = self.operands.last_mut() {
                    operand.in_interface = false;
                }
            }
            Op::Mark => self.marks.push(self.variables.len()),
            Op::Release => {
                let mark = self.marks.pop().unwrap_or(self.variables.len());
                self.variables.truncate(mark);
            }
            Op::Declare(name) => {
                let value = self.operands.last().cloned().unwrap_or_default();
                self.variables.push((name, value));
            }
            Op::Assign(name) => {
                let value = self.operands.last().cloned().unwrap_or_default();
                self.assign(name, value)?;
            }
            Op::Jump { to } => self.frame.next = to as usize,
            Op::If { to } | Op::With { to } => {
                self.note_use_of_top();
                let value = self.pop();
                if !value.value.truth() {
                    self.frame.next = to as usize;
                } else if matches!(op, Op::With { .. }) {
                    self.dots.push(value);
                }
            }
            Op::Without => drop(self.dots.pop()),
            Op::Range { variables, to } => self.start_range(variables, to)?,
            Op::Next { variables, assigned, to } => self.next_item(variables, assigned, to)?,
            Op::Break { to } => {
                if let Some(iteration) = self.iterations.pop() {
                    self.restore(&iteration);
                }
                self.frame.next = to as usize;
            }
            Op::Continue { to } => {
                if let Some(iteration) = self.iterations.pop() {
                    self.restore(&iteration);
                    self.iterations.push(iteration);
                }
                self.frame.next = to as usize;
            }
            Op::FindTemplate { name } => {
                let name = self.name(name);
                if self.template(&name).is_none() {
                    return Err(format!("template {} not defined", quote::quote(&name)).into());
                }
                if self.frame.depth == MAX_TEMPLATE_DEPTH {
                    return Err(format!("exceeded maximum template depth ({MAX_TEMPLATE_DEPTH})").into());
                }
            }
            Op::Template { name } => {
                let dot = self.pop();
                let name = self.name(name);
                if let Some(code) = self.template(&name) {
                    let frame = Frame {
                        layer: self.frame.layer.clone(),
                        depth: self.frame.depth + 1,
                        origin: Caller::Template,
                        ..Frame::root(&code)
                    };
                    self.call(frame, dot);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn name(&self, name: Name) -> Arc<str> {
        Arc::clone(&self.frame.code.names[name.0 as usize])
    }

    /// The top operand. The compiler never takes more than it pushed.
    fn pop(&mut self) -> Operand {
        self.operands.pop().unwrap_or_default()
    }

    // Variables and iterations.

    /// The place of the last declared variable of that name.
    fn variable(&self, name: Name) -> Result<usize> {
        let own = &self.variables[self.frame.variables..];
        match own.iter().rposition(|(known, _)| *known == name) {
            Some(at) => Ok(self.frame.variables + at),
            None => Err(format!("undefined variable: {}", self.name(name)).into()),
        }
    }

    fn assign(&mut self, name: Name, value: Operand) -> Result<()> {
        let at = self.variable(name)?;
        self.variables[at].1 = value;
        Ok(())
    }

    fn restore(&mut self, iteration: &Iteration) {
        self.variables.truncate(iteration.variables);
        self.dots.truncate(iteration.dots);
        self.marks.truncate(iteration.marks);
    }

    fn start_range(&mut self, variables: u8, to: u32) -> Result<()> {
        self.note_use_of_top();
        let value = self.pop().value;
        let items = match Items::of(&value) {
            Some(Items::Numbers { .. }) if variables > 1 => {
                let value = shown(&value)?;
                return Err(format!("can't use {value} to iterate over more than one variable").into());
            }
            Some(items) => items,
            None => return Err(format!("range can't iterate over {}", shown(&value)?).into()),
        };
        if items.is_empty() {
            self.frame.next = to as usize;
            return Ok(());
        }
        self.iterations.push(Iteration {
            items,
            origin: value.origin,
            variables: self.variables.len(),
            dots: self.dots.len(),
            marks: self.marks.len(),
        });
        Ok(())
    }

    fn next_item(&mut self, variables: u8, assigned: Option<(Name, Name)>, to: u32) -> Result<()> {
        let Some(mut iteration) = self.iterations.pop() else { return Ok(()) };
        self.restore(&iteration);
        let Some((index, mut item)) = iteration.items.next() else {
            self.frame.next = to as usize;
            return Ok(());
        };
        if item.value.origin.is_none() {
            item.value.origin.clone_from(&iteration.origin);
        }
        self.iterations.push(iteration);
        match assigned {
            Some((first, second)) if variables > 1 => {
                self.assign(first, index)?;
                self.assign(second, item.clone())?;
            }
            Some((only, _)) => self.assign(only, item.clone())?,
            None => {
                // The variables were declared last, with the whole list as their value.
                let count = self.variables.len();
                if variables > 1 {
                    self.variables[count - 2].1 = index;
                }
                if variables > 0 {
                    self.variables[count - 1].1 = item.clone();
                }
            }
        }
        self.dots.push(item);
        Ok(())
    }

    // Fields and methods.

    /// What `.name` of the receiver is, a method called without arguments included.
    fn field(&mut self, receiver: Operand, name: Name, node: Id) -> Result<Operand> {
        if receiver.is_nothing() {
            if self.missing_key == MissingKey::Error {
                let name = quote::quote(&self.name(name));
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
        if let Some(method) = method(&receiver, &name)? {
            check_count(method, &name, 0, false)?;
            return self.invoke(method, &name, receiver.value, &[], node);
        }
        self.plain_field(receiver, &name, false)
    }

    /// A field of a struct or an entry of a map.
    fn plain_field(&mut self, receiver: Operand, name: &str, has_arguments: bool) -> Result<Operand> {
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
                self.note_missing(&receiver.value, name);
                return match self.missing_key {
                    MissingKey::Invalid => Ok(Operand::NOTHING),
                    MissingKey::Zero => Ok(Operand::element(Value::zero(of), of)),
                    MissingKey::Error => {
                        Err(format!("map has no entry for key {}", quote::quote(name)).into())
                    }
                };
            }
            _ => {}
        }
        Err(format!("can't evaluate field {name} in type {}", receiver.type_name()).into())
    }

    /// Takes the receiver: its method waits for the arguments; without a method there is nothing that
    /// could take them.
    fn prepare_method(&mut self, name: Name, words: u16, piped: bool, to: u32) -> Result<()> {
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
            return Err(format!("nil data; no entry for key {}", quote::quote(&name)).into());
        }
        match method(&receiver, &name)? {
            Some(method) => {
                check_count(method, &name, words, piped)?;
                self.methods.push((method, receiver.value));
            }
            None => drop(self.plain_field(receiver, &name, true)?),
        }
        Ok(())
    }

    /// The type of a parameter of the method that waits.
    fn parameter(&self, index: u16) -> Type {
        let parameters = self.methods.last().map_or(&[][..], |(method, _)| method.parameters);
        parameters.get(usize::from(index)).or(parameters.last()).copied().unwrap_or(Type::Interface)
    }

    fn check(&mut self, of: Type, above: u16) -> Result<()> {
        let at = self.operands.len() - 1 - usize::from(above);
        let operand = std::mem::take(&mut self.operands[at]);
        self.operands[at] = operand.validated(of)?;
        Ok(())
    }

    fn call_method(&mut self, name: Name, node: Id, words: u16, piped: bool) -> Result<()> {
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

    fn invoke(
        &mut self,
        method: &'static Function,
        name: &str,
        receiver: Value,
        arguments: &[Value],
        node: Id,
    ) -> Result<Operand> {
        let arguments: Vec<Value> = std::iter::once(receiver).chain(arguments.iter().cloned()).collect();
        let answer = (method.body)(self.context, &arguments);
        Ok(self.answer(answer, name, node, &arguments)?.into())
    }

    // Functions.

    /// The top `words` operands, then the piped one below them.
    fn take_arguments(&mut self, words: u16, piped: bool) -> Vec<Value> {
        let first = self.operands.len() - usize::from(words);
        let mut arguments: Vec<Value> = self.operands.drain(first..).map(|operand| operand.value).collect();
        if piped {
            arguments.push(self.pop().value);
        }
        arguments
    }

    fn call_function(&mut self, callee: Callee, node: Id, words: u16, piped: bool) -> Result<()> {
        match callee {
            Callee::Function(function) => {
                let arguments = self.take_arguments(words, piped);
                let answer = (function.body)(self.context, &arguments);
                self.note_use(function.name, &arguments);
                let value = self.answer(answer, function.name, node, &arguments)?;
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
                self.operands.push(value.into());
            }
            Callee::Include | Callee::Tpl => {
                let mut arguments = self.take_arguments(words, piped).into_iter();
                let text = arguments.next().and_then(|text| text.as_string().cloned());
                let dot = Operand::from(arguments.next().unwrap_or_default());
                let text = text.unwrap_or_else(|| "".into());
                let limit = self.limits.calls;
                if self.outputs.len() > limit {
                    return Err(Failure::budget(format!(
                        "stopped at {limit} nested calls of include and tpl"
                    )));
                }
                match callee {
                    Callee::Include => self.include(text, dot, node)?,
                    _ => self.tpl(text, dot, node)?,
                }
            }
        }
        Ok(())
    }

    /// How `call` names what it was given: the expression, or what Go's reflection calls a piped value.
    fn called(&self, node: Id, first: usize, words: u16) -> String {
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
    fn answer(
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

    fn failed_call(&mut self, name: &str, node: Id, error: String) -> Failure {
        self.frame.at = node;
        let link = Link { text: error, located: false, location: None, template: None };
        Failure { cause: Cause::Execution, message: format!("error calling {name}: "), inner: vec![link] }
    }

    /// Helm's `include`: the output of a template as a text.
    fn include(&mut self, name: Str, dot: Operand, node: Id) -> Result<()> {
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
        self.outputs.push(Output::default());
        self.call(frame, dot);
        Ok(())
    }

    /// Helm's `tpl`: a text as a template, which sees all others; what it defines is seen inside alone.
    fn tpl(&mut self, text: Str, dot: Operand, node: Id) -> Result<()> {
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
                    let prefix = format!("cannot parse template {}: ", quote::quote_bytes(&text, false));
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
        let frame = Frame {
            layer: Some(Rc::new(super::frame::Layer { outer, templates, nesting })),
            origin: Caller::Tpl { text, node },
            ..Frame::root(&main)
        };
        self.outputs.push(Output::default());
        self.call(frame, dot);
        Ok(())
    }

    // Output.

    fn write_text(&mut self, node: Id) -> Result<()> {
        let source = &self.frame.code.source;
        let Node::Text(span) = source.node(node).kind else { return Ok(()) };
        let Some(output) = self.outputs.last_mut() else { return Ok(()) };
        let start = output.text.len();
        output.text.extend_from_slice(&source.file.text.as_bytes()[span.range()]);
        if self.trace.is_some() {
            output.wrote(start, source, node, None);
        }
        self.count(span.range().len())
    }

    fn count(&mut self, bytes: usize) -> Result<()> {
        self.written += bytes;
        if self.written > self.limits.output {
            let limit = self.limits.output;
            return Err(Failure::budget(format!("stopped after {limit} bytes of output")));
        }
        Ok(())
    }

    fn print(&mut self, node: Id) -> Result<()> {
        self.note_use_of_top();
        let value = self.pop().value;
        let Some(output) = self.outputs.last_mut() else { return Ok(()) };
        let start = output.text.len();
        match &value.kind {
            Kind::String(text) => output.text.extend_from_slice(text),
            Kind::Nil => output.text.extend_from_slice(b"<no value>"),
            // A struct that a field was taken from has the methods of its pointer as well.
            Kind::Struct(of) if of.of.string.is_some() => {
                output.text.extend(of.of.string.map(|string| string(of).to_vec()).unwrap_or_default());
            }
            _ => output.text.extend(print::display(&value)?),
        }
        let length = output.text.len() - start;
        if self.trace.is_some() {
            match (&self.last_text, &value.kind) {
                (Some((last, parts)), Kind::String(text)) if last.is_same(text) => {
                    output.spliced(start, parts);
                }
                _ => output.wrote(start, &self.frame.code.source, node, value.origin.as_ref()),
            }
        }
        self.count(length)
    }

    // What is noted for whoever traces.

    fn note_use_of_top(&mut self) {
        if let (Some(trace), Some(top)) = (&mut self.trace, self.operands.last()) {
            trace.used.extend(top.value.origin.iter().flat_map(Origin::places));
        }
    }

    /// Notes what a function was given. Some only look into a map or hand it on, which uses nothing.
    fn note_use(&mut self, function: &str, arguments: &[Value]) {
        let Some(trace) = &mut self.trace else { return };
        let hands_on = HANDS_ON.contains(&function);
        for argument in arguments {
            let is_container = matches!(argument.kind, Kind::Map(_) | Kind::List(_));
            if !(is_container && hands_on) {
                trace.used.extend(argument.origin.iter().flat_map(Origin::places));
            }
        }
    }

    fn note_missing(&mut self, map: &Value, key: &str) {
        if let (Some(trace), Some(origin)) = (&mut self.trace, &map.origin)
            && let [place] = origin.places()
        {
            trace.missing.insert((*place, key.into()));
        }
    }
}

fn shown(value: &Value) -> Result<String> {
    Ok(String::from_utf8_lossy(&print::display(value)?).into_owned())
}

/// The method of that name, if the receiver has one. Nil has no methods and no fields.
fn method(receiver: &Operand, name: &str) -> Result<Option<&'static Function>> {
    if receiver.value.is_nil() {
        return Err(format!("nil pointer evaluating {}.{name}", receiver.type_name()).into());
    }
    Ok(methods::method(&receiver.value, name))
}

/// Functions that look into a list or map, or hand it on, without using all of it.
const HANDS_ON: &[&str] = &[
    "and",
    "coalesce",
    "default",
    "dict",
    "dig",
    "empty",
    "first",
    "get",
    "hasKey",
    "index",
    "kindIs",
    "kindOf",
    "last",
    "list",
    "merge",
    "mergeOverwrite",
    "not",
    "or",
    "pluck",
    "set",
    "ternary",
    "tuple",
    "typeIs",
    "typeOf",
    "unset",
];

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
