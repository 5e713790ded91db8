//! Trees into steps.

use super::code::{Callee, Code, Constant, Functions, Name, Op};
use super::literal::{ideal, literal};
use super::tree::{Branch, Id, Kind, Pipe, Source, Template};
use super::types::Type;
use std::sync::Arc;

/// The steps of one template of a text. The functions are those that the text was parsed with.
pub fn compile(source: &Arc<Source>, template: &Template, functions: &Functions) -> Code {
    let code = Code {
        name: Arc::clone(&template.name),
        source: Arc::clone(source),
        empty: template.empty,
        ops: Vec::new(),
        names: vec!["$".into()],
        constants: Vec::new(),
        messages: Vec::new(),
    };
    let mut compiler = Compiler { source, functions, code, loops: Vec::new(), target: 0 };
    compiler.node(template.root);
    compiler.code
}

struct Compiler<'a> {
    source: &'a Source,
    functions: &'a Functions,
    code: Code,
    /// The iterations around: where each starts over, and the jumps out of it.
    loops: Vec<(u32, Vec<usize>)>,
    /// The last step that something jumps to.
    target: u32,
}

/// What is known of a parameter that an argument is for.
#[derive(Clone, Copy)]
enum Parameter {
    /// Its type.
    Of(Type),
    /// Its place in the signature of a method that is found at run time.
    Index(u16),
    /// It takes anything as it is (the receiver of a chain).
    Any,
}

impl Compiler<'_> {
    fn emit(&mut self, op: Op) -> usize {
        // Of places one after the other only the last matters, unless something jumps between them.
        let joins = self.code.ops.len() > self.target as usize;
        match (op, self.code.ops.last_mut()) {
            (Op::At(_), Some(last @ Op::At(_))) if joins => *last = op,
            _ => self.code.ops.push(op),
        }
        self.code.ops.len() - 1
    }

    /// The next step, which is gone to from elsewhere.
    fn target(&mut self) -> u32 {
        self.target = self.code.ops.len() as u32;
        self.target
    }

    fn patch(&mut self, step: usize) {
        let here = self.target();
        match &mut self.code.ops[step] {
            Op::Method { to, .. }
            | Op::ShortCircuit { to, .. }
            | Op::Jump { to }
            | Op::If { to }
            | Op::With { to }
            | Op::Range { to, .. }
            | Op::Next { to, .. }
            | Op::Break { to } => *to = here,
            _ => {}
        }
    }

    fn name(&mut self, name: &Arc<str>) -> Name {
        let known = self.code.names.iter().position(|other| other == name);
        let at = known.unwrap_or_else(|| {
            self.code.names.push(Arc::clone(name));
            self.code.names.len() - 1
        });
        Name(at as u32)
    }

    fn constant(&mut self, constant: Constant) {
        self.code.constants.push(constant);
        self.emit(Op::Constant(self.code.constants.len() as u32 - 1));
    }

    fn fail(&mut self, message: String) {
        self.code.messages.push(message);
        self.emit(Op::Fail(self.code.messages.len() as u32 - 1));
    }

    fn constant_or_fail(&mut self, constant: Result<Constant, String>) {
        match constant {
            Ok(constant) => self.constant(constant),
            Err(message) => self.fail(message),
        }
    }

    // Lists and actions.

    fn node(&mut self, id: Id) {
        let source = self.source;
        match &source.node(id).kind {
            Kind::List(items) => items.iter().for_each(|&item| self.node(item)),
            Kind::Text(_) => {
                self.emit(Op::Text(id));
            }
            Kind::Action(pipe) => {
                self.pipe(*pipe);
                let declares =
                    matches!(&source.node(*pipe).kind, Kind::Pipe(pipe) if !pipe.variables.is_empty());
                if declares {
                    self.emit(Op::Drop);
                } else {
                    self.emit(Op::At(id));
                    self.emit(Op::Print(id));
                }
            }
            Kind::If(branch) => self.branch(branch, false),
            Kind::With(branch) => self.branch(branch, true),
            Kind::Range(branch) => self.range(branch),
            Kind::Break => {
                let step = self.emit(Op::Break { to: 0 });
                // The parser lets `break` stand in ranges only.
                if let Some((_, exits)) = self.loops.last_mut() {
                    exits.push(step);
                }
            }
            Kind::Continue => {
                let to = self.loops.last().map_or(0, |&(start, _)| start);
                self.emit(Op::Continue { to });
            }
            Kind::Template { name, pipe } => {
                let name = self.name(name);
                self.emit(Op::At(id));
                self.emit(Op::FindTemplate { name });
                match pipe {
                    Some(pipe) => self.pipe(*pipe),
                    None => {
                        self.emit(Op::Nothing);
                    }
                }
                self.emit(Op::Template { name });
            }
            // Expressions stand in pipes only.
            _ => {}
        }
    }

    fn branch(&mut self, branch: &Branch, sets_dot: bool) {
        self.emit(Op::Mark);
        let mut ends = Vec::new();
        for (at, &(pipe, then)) in branch.links.iter().enumerate() {
            self.pipe(pipe);
            let decision = self.emit(if sets_dot { Op::With { to: 0 } } else { Op::If { to: 0 } });
            self.node(then);
            if sets_dot {
                self.emit(Op::Without);
            }
            if at + 1 < branch.links.len() || branch.otherwise.is_some() {
                ends.push(self.emit(Op::Jump { to: 0 }));
            }
            self.patch(decision);
        }
        if let Some(otherwise) = branch.otherwise {
            self.node(otherwise);
        }
        for end in ends {
            self.patch(end);
        }
        self.emit(Op::Release);
    }

    fn range(&mut self, branch: &Branch) {
        let source = self.source;
        let Some(&(id, then)) = branch.links.first() else { return };
        let Kind::Pipe(pipe) = &source.node(id).kind else { return };
        let variables = pipe.variables.len() as u8;
        self.emit(Op::Mark);
        self.pipe(id);
        let start = self.emit(Op::Range { variables, to: 0 });
        let again = self.target();
        let assigned = match &pipe.variables[..] {
            _ if !pipe.assigns => None,
            [item] => Some(self.name(item)).map(|item| (item, item)),
            [index, item, ..] => Some((self.name(index), self.name(item))),
            [] => None,
        };
        let next = self.emit(Op::Next { variables, assigned, to: 0 });
        self.loops.push((again, Vec::new()));
        self.node(then);
        let (_, exits) = self.loops.pop().unwrap_or_default();
        self.emit(Op::Jump { to: again });
        self.patch(start);
        if let Some(otherwise) = branch.otherwise {
            self.node(otherwise);
        }
        self.patch(next);
        for exit in exits {
            self.patch(exit);
        }
        self.emit(Op::Release);
    }

    // Pipelines.

    /// Pushes the value of a pipeline.
    fn pipe(&mut self, id: Id) {
        let source = self.source;
        let Kind::Pipe(Pipe { assigns, variables, commands }) = &source.node(id).kind else { return };
        self.emit(Op::At(id));
        for (at, &command) in commands.iter().enumerate() {
            self.command(command, at > 0);
            self.emit(Op::Unwrap);
        }
        for variable in variables {
            let name = self.name(variable);
            self.emit(if *assigns { Op::Assign(name) } else { Op::Declare(name) });
        }
    }

    /// Replaces the value of the command before, if any, by the value of this one.
    fn command(&mut self, id: Id, piped: bool) {
        let source = self.source;
        let Kind::Command(words) = &source.node(id).kind else { return };
        let Some((&first, arguments)) = words.split_first() else { return };
        let takes_arguments = piped || !arguments.is_empty();
        let not_a_function = || format!("can't give argument to non-function {}", source.print(first));
        match &source.node(first).kind {
            Kind::Field(names) => self.field(first, names, arguments, piped),
            Kind::Chain(..) => self.chain(first, arguments, piped),
            Kind::Identifier(name) => self.function(first, name, id, arguments, piped),
            Kind::Pipe(_) if takes_arguments => self.fail(not_a_function()),
            Kind::Pipe(_) => self.pipe(first),
            Kind::Variable(names) => self.variable(first, names, arguments, piped),
            _ => {
                self.emit(Op::At(first));
                match &source.node(first).kind {
                    _ if takes_arguments => self.fail(not_a_function()),
                    Kind::Dot => {
                        self.emit(Op::Dot);
                    }
                    Kind::Nil => self.fail("nil is not a command".to_owned()),
                    _ => self.constant_or_fail(ideal(source, first)),
                }
            }
        }
    }

    fn field(&mut self, id: Id, names: &[Arc<str>], arguments: &[Id], piped: bool) {
        self.emit(Op::At(id));
        self.emit(Op::Dot);
        self.fields(id, names, arguments, piped);
    }

    fn variable(&mut self, id: Id, names: &[Arc<str>], arguments: &[Id], piped: bool) {
        let Some((variable, fields)) = names.split_first() else { return };
        self.emit(Op::At(id));
        let name = self.name(variable);
        self.emit(Op::Variable(name));
        if !fields.is_empty() {
            self.fields(id, fields, arguments, piped);
        } else if piped || !arguments.is_empty() {
            let message = format!("can't give argument to non-function {}", self.source.print(id));
            self.fail(message);
        }
    }

    fn chain(&mut self, id: Id, arguments: &[Id], piped: bool) {
        let source = self.source;
        let Kind::Chain(term, names) = &source.node(id).kind else { return };
        self.emit(Op::At(id));
        self.argument(*term, Parameter::Any);
        self.fields(id, names, arguments, piped);
    }

    /// Takes fields of the top operand; the last one gets the arguments.
    fn fields(&mut self, id: Id, names: &[Arc<str>], arguments: &[Id], piped: bool) {
        let Some((last, before)) = names.split_last() else { return };
        for name in before {
            let name = self.name(name);
            self.emit(Op::Field { name, node: id });
        }
        let name = self.name(last);
        if arguments.is_empty() && !piped {
            self.emit(Op::Field { name, node: id });
            return;
        }
        let words = arguments.len() as u16;
        let method = self.emit(Op::Method { name, words, piped, to: 0 });
        for (at, &argument) in arguments.iter().enumerate() {
            self.argument(argument, Parameter::Index(at as u16));
        }
        self.emit(Op::CallMethod { name, node: id, words, piped });
        self.patch(method);
    }

    /// A call of a function; errors of the function itself are blamed on `blamed`.
    fn function(&mut self, id: Id, name: &str, blamed: Id, arguments: &[Id], piped: bool) {
        self.emit(Op::At(id));
        let Some(callee) = self.functions.get(name) else {
            self.fail(format!("{} is not a defined function", super::quote::quote(name)));
            return;
        };
        let (parameters, variadic) = callee.signature();
        let given = arguments.len() + usize::from(piped);
        let fixed = parameters.len() - usize::from(variadic);
        if variadic && given < fixed {
            let got = arguments.len();
            self.fail(format!("wrong number of args for {name}: want at least {fixed} got {got}"));
            return;
        }
        if !variadic && given != fixed {
            self.fail(format!("wrong number of args for {name}: want {fixed} got {given}"));
            return;
        }
        if let Callee::Builtin(builtin) = callee
            && let "and" | "or" = builtin.name
        {
            self.short_circuit(builtin.name == "or", arguments, piped);
            return;
        }
        let parameter = |at: usize| parameters[at.min(parameters.len() - 1)];
        for (at, &argument) in arguments.iter().enumerate() {
            self.argument(argument, Parameter::Of(parameter(at)));
        }
        let words = arguments.len() as u16;
        if piped {
            self.check(parameter(arguments.len()), words);
        }
        self.emit(Op::Call { callee, node: blamed, words, piped });
    }

    /// `and` and `or` give the first argument that decides, and evaluate none after it.
    fn short_circuit(&mut self, on: bool, arguments: &[Id], piped: bool) {
        let mut decided = Vec::new();
        for (at, &argument) in arguments.iter().enumerate() {
            self.argument(argument, Parameter::Of(Type::Reflect));
            if piped || at + 1 < arguments.len() {
                decided.push(self.emit(Op::ShortCircuit { on, to: 0 }));
            }
        }
        if piped && !decided.is_empty() {
            let undecided = self.emit(Op::Jump { to: 0 });
            for step in decided {
                self.patch(step);
            }
            self.emit(Op::DropBelow);
            self.patch(undecided);
        } else {
            for &step in &decided {
                self.patch(step);
            }
        }
        if arguments.len() + usize::from(piped) > 1 {
            self.emit(Op::Gather);
        }
    }

    fn check(&mut self, of: Type, above: u16) {
        // Anything is an interface, and every value may be looked at as it is.
        if !matches!(of, Type::Interface | Type::Reflect) {
            self.emit(Op::Check { of, above });
        }
    }

    /// Pushes an argument.
    fn argument(&mut self, id: Id, parameter: Parameter) {
        let source = self.source;
        self.emit(Op::At(id));
        match &source.node(id).kind {
            Kind::Dot => {
                self.emit(Op::Dot);
            }
            Kind::Field(names) => self.field(id, names, &[], false),
            Kind::Variable(names) => self.variable(id, names, &[], false),
            Kind::Pipe(_) => self.pipe(id),
            Kind::Identifier(name) => self.function(id, name, id, &[], false),
            Kind::Chain(..) => self.chain(id, &[], false),
            _ => {
                match parameter {
                    Parameter::Of(of) => self.constant_or_fail(literal(source, id, of)),
                    Parameter::Index(index) => {
                        self.emit(Op::Literal { node: id, index });
                    }
                    Parameter::Any => {
                        let message = format!("indirection through explicit nil in {}", source.print(id));
                        self.fail(message);
                    }
                }
                return;
            }
        }
        match parameter {
            Parameter::Of(of) => self.check(of, 0),
            Parameter::Index(index) => {
                self.emit(Op::CheckParameter { index });
            }
            Parameter::Any => {}
        }
    }
}
