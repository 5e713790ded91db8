//! Runs templates: Go's executor (package `text/template`, its exec.go) with stacks of its own, and
//! Helm's `include` and `tpl`, which call back into it.

mod calls;
mod fields;
mod frame;
mod output;
mod parts;
mod range;

use crate::template::code::{Code, Name, Op};
use crate::template::error::{Cause, Error, Link};
use crate::template::functions::{Context, Function};
use crate::template::operand::Operand;
use crate::template::set::Set;
use crate::template::trace::{Output, Segment, Trace};
use crate::template::value::{Origin, Str, Value};
use crate::template::{literal, quote};
use frame::{Frame, Iteration, Mark, Origin as Caller};
use std::collections::HashMap;
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

/// How much executions with one [`Context`] may take, e.g. those of all templates of a chart.
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
        Self { steps: 30_000_000, output: 256 << 20, tpl: 1_000, tpl_refuses: false, calls: 20_000 }
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
        frame: Frame::root(code),
        callers: Vec::new(),
        operands: Vec::new(),
        variables: Vec::new(),
        dots: Vec::new(),
        marks: Vec::new(),
        decided: None,
        passed: Vec::new(),
        iterations: Vec::new(),
        methods: Vec::new(),
        outputs: vec![Output::with_room(code.source.file.text.len())],
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
    frame: Frame,
    callers: Vec<Frame>,
    operands: Vec<Operand>,
    variables: Vec<(Name, Operand)>,
    dots: Vec<Operand>,
    marks: Vec<Mark>,
    /// What decides on the text that is being written, if somebody traces.
    decided: Option<Origin>,
    /// What `and` and `or` have dropped, by the operands below it, if somebody traces.
    passed: Vec<(usize, Origin)>,
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

    fn call(&mut self, mut frame: Frame, dot: Operand) {
        if self.trace.is_some() {
            self.trace_call(&mut frame);
        }
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
        if self.trace.is_some() {
            self.decided = called.traced.before;
        }
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

    fn spend(&mut self, steps: u64) -> Result<()> {
        self.context.steps += steps;
        if self.context.steps > self.limits.steps {
            let steps = self.limits.steps;
            return Err(Failure::budget(format!("stopped after {steps} steps")));
        }
        Ok(())
    }

    /// Runs one step; `false` at the end of the execution.
    fn step(&mut self) -> Result<bool> {
        let Some(&op) = self.frame.code.ops.get(self.frame.next) else {
            return Ok(self.leave());
        };
        self.frame.next += 1;
        self.spend(1)?;
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
                if truth == on {
                    self.frame.next = to as usize;
                } else {
                    self.pass_over();
                }
            }
            Op::Gather => self.gather(),
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
            Op::Mark => {
                self.marks.push(Mark { variables: self.variables.len(), decided: self.decided.clone() });
            }
            Op::Release => {
                if let Some(mark) = self.marks.pop() {
                    self.variables.truncate(mark.variables);
                    self.decided = mark.decided;
                }
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
                self.note_decision();
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
}
