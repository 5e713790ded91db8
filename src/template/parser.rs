//! Tokens into trees, with the error texts of Go's `text/template/parse`.
//!
//! Nesting is bounded ([`MAX_NESTING`]), where Go's parser goes on until its stack is full; a chain of
//! `else if` is no nesting.

use super::error::Error;
use super::lexer::{Keyword, Kind as Tok, Token, Tokens, tokens};
use super::quote::{INVALID_SYNTAX, quote, unquote};
use super::tree::{Branch, Id, Kind, Node, Number, Pipe, Source, Template};
use super::value::Str;
use crate::source::{File, Location, Span};
use crate::value::Texts;
use std::sync::Arc;

/// How deep actions and parentheses may stand in each other, together. The page's stack is small.
pub const MAX_NESTING: usize = 200;

/// Parses a text into its templates: those that it defines and the text itself, under `name`.
/// `is_function` knows the functions that it may call.
pub fn parse(file: &Arc<File>, name: &str, is_function: &dyn Fn(&str) -> bool) -> Result<Source, Error> {
    let Tokens { tokens, problem } = tokens(&file.text);
    let nodes = Vec::with_capacity(tokens.len() * 2 / 3);
    let mut parser = Parser {
        file,
        text: &file.text,
        name,
        is_function,
        tokens,
        problem,
        at: 0,
        scope: Scope::default(),
        nesting: 0,
        nodes,
        names: Texts::new(file.text.len() / 64),
        templates: Vec::new(),
    };
    parser.scope.variables.push("$".into());
    parser.text()?;
    let Parser { nodes, templates, .. } = parser;
    Ok(Source { file: Arc::clone(file), name: name.into(), nodes, templates })
}

struct Parser<'a> {
    file: &'a Arc<File>,
    text: &'a str,
    name: &'a str,
    is_function: &'a dyn Fn(&str) -> bool,
    tokens: Vec<Token>,
    /// What is malformed, where the last token says so.
    problem: String,
    /// The next token.
    at: usize,
    scope: Scope,
    nesting: usize,
    nodes: Vec<Node>,
    names: Texts,
    templates: Vec<Template>,
}

/// What a template of its own (`define`, `block`) starts anew.
#[derive(Default)]
struct Scope {
    variables: Vec<Arc<str>>,
    ranges: usize,
    /// The furthest token that was looked at: errors name its line.
    furthest: usize,
    /// The line of the action being read.
    action: Option<u32>,
}

/// How a list ends.
enum Terminator {
    End,
    Else,
}

impl Terminator {
    fn name(&self) -> &'static str {
        match self {
            Self::End => "{{end}}",
            Self::Else => "{{else}}",
        }
    }
}

/// A step of a list: a node, or what ends it.
enum Step {
    Node(Id),
    Terminator(Terminator, u32),
}

type Result<T, E = Error> = std::result::Result<T, E>;

impl Parser<'_> {
    fn token(&self, at: usize) -> Token {
        // The last token ends the text; nothing is read past it.
        self.tokens[at.min(self.tokens.len() - 1)]
    }

    fn peek(&mut self) -> Token {
        self.scope.furthest = self.scope.furthest.max(self.at);
        self.token(self.at)
    }

    fn peek_kind(&mut self) -> Tok {
        self.scope.furthest = self.scope.furthest.max(self.at);
        self.token(self.at).kind
    }

    fn next(&mut self) -> Token {
        let token = self.peek();
        self.at += 1;
        token
    }

    fn skip_space(&mut self) {
        while self.peek_kind() == Tok::Space {
            self.at += 1;
        }
    }

    fn next_word(&mut self) -> Token {
        self.skip_space();
        self.next()
    }

    fn peek_word(&mut self) -> Token {
        self.skip_space();
        self.peek()
    }

    fn error<T>(&self, message: impl AsRef<str>) -> Result<T> {
        let token = self.token(self.scope.furthest);
        let text = format!("template: {}:{}: {}", self.name, token.line, message.as_ref());
        Err(Error::parse(text, Location::new(self.file, token.span)))
    }

    fn unexpected<T>(&self, token: Token, context: &str) -> Result<T> {
        let name = token.name(self.text, &self.problem);
        if token.kind != Tok::Error {
            return self.error(format!("unexpected {name} in {context}"));
        }
        let started = match self.scope.action {
            Some(line) if line != token.line => {
                let what = if name.ends_with(" action") { "" } else { " in action" };
                format!("{what} started at {}:{line}", self.name)
            }
            _ => String::new(),
        };
        self.error(format!("{name}{started}"))
    }

    fn expect(&mut self, kind: Tok, context: &str) -> Result<Token> {
        let token = self.next_word();
        if token.kind == kind { Ok(token) } else { self.unexpected(token, context) }
    }

    fn add(&mut self, position: u32, span: Span, kind: Kind) -> Id {
        self.nodes.push(Node { position, span, kind });
        Id(self.nodes.len() as u32 - 1)
    }

    /// Runs `parse` one level deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.nesting == MAX_NESTING {
            return self.error(format!("actions and parentheses are nested deeper than {MAX_NESTING}"));
        }
        self.nesting += 1;
        let result = parse(self);
        self.nesting -= 1;
        result
    }

    /// The end of the token before the next one.
    fn end_of_last(&self) -> u32 {
        self.token(self.at.saturating_sub(1)).span.end
    }

    // Lists and actions.

    /// The whole text.
    fn text(&mut self) -> Result<()> {
        let start = self.peek().span.start;
        let mut items = Vec::new();
        loop {
            let token = self.peek();
            if token.kind == Tok::End {
                break;
            }
            if token.kind == Tok::LeftDelimiter {
                let before = self.at;
                self.next();
                if self.next_word().kind == Tok::Keyword(Keyword::Define) {
                    self.own_scope(Self::definition)?;
                    continue;
                }
                self.at = before;
            }
            match self.text_or_action()? {
                Step::Node(id) => items.push(id),
                Step::Terminator(terminator, _) => {
                    return self.error(format!("unexpected {}", terminator.name()));
                }
            }
        }
        let root = self.add(start, Span::new(0, self.text.len()), Kind::List(items));
        self.define(self.name.into(), root)
    }

    /// Parses a template of its own inside another one.
    fn own_scope<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let own = Scope { variables: vec!["$".into()], furthest: self.at, ..Scope::default() };
        let outer = std::mem::replace(&mut self.scope, own);
        let result = self.nested(parse)?;
        self.scope = outer;
        Ok(result)
    }

    /// After `{{define`.
    fn definition(&mut self) -> Result<()> {
        const CONTEXT: &str = "define clause";
        let token = self.next_word();
        let name = self.template_name(token, CONTEXT)?;
        self.expect(Tok::RightDelimiter, CONTEXT)?;
        self.body_of(name, CONTEXT)
    }

    fn body_of(&mut self, name: Arc<str>, context: &str) -> Result<()> {
        let (root, end) = self.list()?;
        if let Terminator::Else = end {
            return self.error(format!("unexpected {} in {context}", end.name()));
        }
        self.define(name, root)
    }

    /// Keeps a template: of two with one name and text, the one that is not empty.
    fn define(&mut self, name: Arc<str>, root: Id) -> Result<()> {
        let empty = self.is_empty(root);
        match self.templates.iter().position(|template| template.name == name) {
            Some(at) if self.templates[at].empty => {
                self.templates.remove(at);
            }
            Some(_) if empty => return Ok(()),
            Some(_) => {
                let message = format!("template: multiple definition of template {}", quote(&name));
                return self.error(message);
            }
            None => {}
        }
        self.templates.push(Template { name, root, empty });
        Ok(())
    }

    /// Whether a list holds nothing but space (comments leave no node).
    fn is_empty(&self, list: Id) -> bool {
        let is_space = |id: &Id| match &self.nodes[id.0 as usize].kind {
            Kind::Text(span) => self.text[span.range()].trim().is_empty(),
            _ => false,
        };
        matches!(&self.nodes[list.0 as usize].kind, Kind::List(items) if items.iter().all(is_space))
    }

    /// Nodes up to `{{end}}` or `{{else}}`.
    fn list(&mut self) -> Result<(Id, Terminator)> {
        let start = self.peek_word().span.start;
        let mut items = Vec::new();
        while self.peek_word().kind != Tok::End {
            match self.text_or_action()? {
                Step::Node(id) => items.push(id),
                Step::Terminator(terminator, end) => {
                    let span = Span { start, end: end.max(start) };
                    return Ok((self.add(start, span, Kind::List(items)), terminator));
                }
            }
        }
        self.error("unexpected EOF")
    }

    fn text_or_action(&mut self) -> Result<Step> {
        let token = self.next_word();
        match token.kind {
            Tok::Text => Ok(Step::Node(self.add(token.span.start, token.span, Kind::Text(token.span)))),
            Tok::LeftDelimiter => {
                self.scope.action = Some(token.line);
                let step = self.action(token.span.start)?;
                self.scope.action = None;
                Ok(step)
            }
            _ => self.unexpected(token, "input"),
        }
    }

    /// After a left delimiter, which starts at `start`.
    fn action(&mut self, start: u32) -> Result<Step> {
        let token = self.next_word();
        let keyword = if let Tok::Keyword(keyword) = token.kind { Some(keyword) } else { None };
        let position = token.span.start;
        Ok(Step::Node(match keyword {
            Some(Keyword::Block) => self.block(start)?,
            Some(Keyword::Break) => self.leave_range(start, position, "break", Kind::Break)?,
            Some(Keyword::Continue) => self.leave_range(start, position, "continue", Kind::Continue)?,
            Some(Keyword::Else) => {
                // `else if` and `else with` leave their word to whoever reads the branch.
                let is_chained = |kind| matches!(kind, Tok::Keyword(Keyword::If | Keyword::With));
                if !is_chained(self.peek_word().kind) {
                    self.expect(Tok::RightDelimiter, "else")?;
                }
                return Ok(Step::Terminator(Terminator::Else, start));
            }
            Some(Keyword::End) => {
                self.expect(Tok::RightDelimiter, "end")?;
                return Ok(Step::Terminator(Terminator::End, start));
            }
            Some(Keyword::If) => self.nested(|parser| parser.branch(start, Keyword::If))?,
            Some(Keyword::Range) => self.nested(|parser| parser.branch(start, Keyword::Range))?,
            Some(Keyword::With) => self.nested(|parser| parser.branch(start, Keyword::With))?,
            Some(Keyword::Template) => self.template_call(start)?,
            Some(Keyword::Define | Keyword::Dot | Keyword::Nil) | None => {
                self.at -= 1;
                let pipe = self.pipeline("command", Tok::RightDelimiter)?;
                let span = Span { start, end: self.end_of_last() };
                self.add(position, span, Kind::Action(pipe))
            }
        }))
    }

    fn leave_range(&mut self, start: u32, position: u32, word: &str, kind: Kind) -> Result<Id> {
        let token = self.next_word();
        if token.kind != Tok::RightDelimiter {
            return self.unexpected(token, &format!("{{{{{word}}}}}"));
        }
        if self.scope.ranges == 0 {
            return self.error(format!("{{{{{word}}}}} outside {{{{range}}}}"));
        }
        let span = Span { start, end: token.span.end };
        Ok(self.add(position, span, kind))
    }

    /// After `{{if`, `{{with` or `{{range`, up to the `{{end}}`.
    fn branch(&mut self, start: u32, word: Keyword) -> Result<Id> {
        let declared = self.scope.variables.len();
        let mut links = Vec::new();
        let otherwise = loop {
            let (pipe, then, end) = self.condition(word)?;
            links.push((pipe, then));
            if let Terminator::End = end {
                break None;
            }
            if word != Keyword::Range && self.peek_kind() == Tok::Keyword(word) {
                self.next();
                continue;
            }
            let (otherwise, end) = self.list()?;
            if let Terminator::Else = end {
                return self.error(format!("expected end; found {}", end.name()));
            }
            break Some(otherwise);
        };
        self.scope.variables.truncate(declared);
        let span = Span { start, end: self.end_of_last() };
        let branch = Branch { links, otherwise };
        let kind = match word {
            Keyword::Range => Kind::Range(branch),
            Keyword::With => Kind::With(branch),
            _ => Kind::If(branch),
        };
        Ok(self.add(start, span, kind))
    }

    fn condition(&mut self, word: Keyword) -> Result<(Id, Id, Terminator)> {
        let context = match word {
            Keyword::Range => "range",
            Keyword::With => "with",
            _ => "if",
        };
        let pipe = self.pipeline(context, Tok::RightDelimiter)?;
        let in_range = usize::from(word == Keyword::Range);
        self.scope.ranges += in_range;
        let (then, end) = self.list()?;
        self.scope.ranges -= in_range;
        Ok((pipe, then, end))
    }

    /// After `{{block`.
    fn block(&mut self, start: u32) -> Result<Id> {
        const CONTEXT: &str = "block clause";
        let token = self.next_word();
        let name = self.template_name(token, CONTEXT)?;
        let pipe = self.pipeline(CONTEXT, Tok::RightDelimiter)?;
        let body = Arc::clone(&name);
        self.own_scope(|parser| parser.body_of(body, CONTEXT))?;
        let span = Span { start, end: self.end_of_last() };
        Ok(self.add(token.span.start, span, Kind::Template { name, pipe: Some(pipe) }))
    }

    /// After `{{template`.
    fn template_call(&mut self, start: u32) -> Result<Id> {
        const CONTEXT: &str = "template clause";
        let token = self.next_word();
        let name = self.template_name(token, CONTEXT)?;
        let mut pipe = None;
        if self.next_word().kind != Tok::RightDelimiter {
            self.at -= 1;
            pipe = Some(self.pipeline(CONTEXT, Tok::RightDelimiter)?);
        }
        let span = Span { start, end: self.end_of_last() };
        Ok(self.add(token.span.start, span, Kind::Template { name, pipe }))
    }

    fn template_name(&mut self, token: Token, context: &str) -> Result<Arc<str>> {
        if !matches!(token.kind, Tok::String | Tok::RawString) {
            return self.unexpected(token, context);
        }
        match unquote(token.text(self.text)) {
            Ok(name) => Ok(String::from_utf8_lossy(&name).into()),
            Err(message) => self.error(message),
        }
    }

    // Pipelines.

    /// Declarations and commands up to a token of the kind `end`, which is passed.
    fn pipeline(&mut self, context: &str, end: Tok) -> Result<Id> {
        let start = self.peek_word().span.start;
        let mut pipe = Pipe { assigns: false, variables: Vec::new(), commands: Vec::new() };
        self.declarations(context, &mut pipe)?;
        loop {
            let token = self.next_word();
            match token.kind {
                _ if token.kind == end => break,
                Tok::Bool
                | Tok::CharConstant
                | Tok::Complex
                | Tok::Keyword(Keyword::Dot | Keyword::Nil)
                | Tok::Field
                | Tok::Identifier
                | Tok::Number
                | Tok::RawString
                | Tok::String
                | Tok::Variable
                | Tok::LeftParen => {
                    self.at -= 1;
                    pipe.commands.push(self.command()?);
                }
                _ => return self.unexpected(token, context),
            }
        }
        if pipe.commands.is_empty() {
            return self.error(format!("missing value for {context}"));
        }
        for (at, &command) in pipe.commands.iter().enumerate().skip(1) {
            if self.starts_with_constant(command) {
                let stage = at + 1;
                return self.error(format!("non executable command in pipeline stage {stage}"));
            }
        }
        let span = Span { start, end: self.end_of_last() };
        Ok(self.add(start, span, Kind::Pipe(pipe)))
    }

    fn starts_with_constant(&self, command: Id) -> bool {
        let Kind::Command(words) = &self.nodes[command.0 as usize].kind else { return false };
        words.first().is_some_and(|first| {
            matches!(
                self.nodes[first.0 as usize].kind,
                Kind::Bool(_) | Kind::Dot | Kind::Nil | Kind::Number(_) | Kind::String { .. }
            )
        })
    }

    /// `$x :=`, `$x =` or, in a range, `$x, $y :=`.
    fn declarations(&mut self, context: &str, pipe: &mut Pipe) -> Result<()> {
        while self.peek_word().kind == Tok::Variable {
            let before = self.at;
            let token = self.next();
            let variable = self.names.shared(token.text(self.text));
            let next = self.peek_word();
            let is_comma = next.kind == Tok::Char && next.text(self.text) == ",";
            if !is_comma && !matches!(next.kind, Tok::Assign | Tok::Declare) {
                self.at = before;
                return Ok(());
            }
            self.next();
            pipe.variables.push(Arc::clone(&variable));
            self.scope.variables.push(variable);
            if !is_comma {
                pipe.assigns = next.kind == Tok::Assign;
                return Ok(());
            }
            if context != "range" || pipe.variables.len() > 1 {
                return self.error(format!("too many declarations in {context}"));
            }
            if !matches!(self.peek_word().kind, Tok::Variable | Tok::RightDelimiter | Tok::RightParen) {
                return self.error("range can only initialize variables");
            }
        }
        Ok(())
    }

    /// Operands up to a `|`, which is passed, or the end of the pipeline.
    fn command(&mut self) -> Result<Id> {
        let start = self.peek_word().span.start;
        let mut words = Vec::new();
        loop {
            self.skip_space();
            words.extend(self.operand()?);
            let end = self.end_of_last();
            let token = self.next();
            match token.kind {
                Tok::Space => continue,
                Tok::RightDelimiter | Tok::RightParen => self.at -= 1,
                Tok::Pipe => {}
                _ => return self.unexpected(token, "operand"),
            }
            if words.is_empty() {
                return self.error("empty command");
            }
            return Ok(self.add(start, Span { start, end }, Kind::Command(words)));
        }
    }

    /// A term with the fields after it; `None` when something else follows.
    fn operand(&mut self) -> Result<Option<Id>> {
        let Some(term) = self.term()? else { return Ok(None) };
        if self.peek_kind() != Tok::Field {
            return Ok(Some(term));
        }
        let position = self.peek().span.start;
        let node = &mut self.nodes[term.0 as usize];
        let mut names = match &mut node.kind {
            // Fields of a field or variable belong to it, and Go places the whole at the second one.
            Kind::Field(fields) | Kind::Variable(fields) => std::mem::take(fields),
            _ => Vec::new(),
        };
        while self.peek_kind() == Tok::Field {
            let token = self.next();
            names.push(self.names.shared(&token.text(self.text)[1..]));
        }
        let end = self.end_of_last();
        let node = &mut self.nodes[term.0 as usize];
        match &mut node.kind {
            Kind::Field(fields) | Kind::Variable(fields) => {
                *fields = names;
                node.position = position;
                node.span.end = end;
                Ok(Some(term))
            }
            Kind::Bool(_) | Kind::String { .. } | Kind::Number(_) | Kind::Nil | Kind::Dot => {
                let text = self.text[node.span.range()].to_owned();
                self.error(format!("unexpected . after term {}", quote(&text)))
            }
            _ => {
                let span = Span { start: node.span.start, end };
                Ok(Some(self.add(position, span, Kind::Chain(term, names))))
            }
        }
    }

    fn term(&mut self) -> Result<Option<Id>> {
        let token = self.next_word();
        let text = token.text(self.text);
        let kind = match token.kind {
            Tok::Identifier => {
                if !(self.is_function)(text) {
                    return self.error(format!("function {} not defined", quote(text)));
                }
                Kind::Identifier(self.names.shared(text))
            }
            Tok::Keyword(Keyword::Dot) => Kind::Dot,
            Tok::Keyword(Keyword::Nil) => Kind::Nil,
            Tok::Variable => {
                if !self.scope.variables.iter().any(|known| **known == *text) {
                    return self.error(format!("undefined variable {}", quote(text)));
                }
                Kind::Variable(vec![self.names.shared(text)])
            }
            Tok::Field => Kind::Field(vec![self.names.shared(&text[1..])]),
            Tok::Bool => Kind::Bool(text == "true"),
            Tok::CharConstant | Tok::Complex | Tok::Number => match Number::parse(text, token.kind) {
                Ok(number) => Kind::Number(Box::new(number)),
                Err(message) => return self.error(message),
            },
            Tok::LeftParen => {
                let pipe =
                    self.nested(|parser| parser.pipeline("parenthesized pipeline", Tok::RightParen))?;
                // The span holds the parentheses; the position stays that of the first word.
                let end = self.end_of_last();
                self.nodes[pipe.0 as usize].span = Span { start: token.span.start, end };
                return Ok(Some(pipe));
            }
            Tok::String | Tok::RawString => match unquote(text) {
                Ok(bytes) => Kind::String { quoted: text.into(), text: Str::from(bytes) },
                Err(_) => return self.error(INVALID_SYNTAX),
            },
            _ => {
                self.at -= 1;
                return Ok(None);
            }
        };
        Ok(Some(self.add(token.span.start, token.span, kind)))
    }
}
