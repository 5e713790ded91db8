//! Reading of `--set` arguments.

use crate::merge::{Argument, Assignment, Step};
use crate::source::{File, Span};
use crate::template::quote::{escape, quote};
use crate::value::{Map, Value};
use std::sync::Arc;

/// How many maps a path may go into.
const DEEPEST_NAME: usize = 30;

/// One `path=value` as far as the text goes.
pub(super) struct Operation {
    /// The path.
    pub steps: Vec<(Step, Span)>,
    /// The text stopped after a `.` or inside a `[…]` that has no step of its own: what the last step
    /// leads to has to be of this kind.
    pub open: Option<Open>,
    /// How the operation ends.
    pub end: End,
    /// The assignment, if it came to a value.
    pub assignment: Option<Arc<Assignment>>,
    /// Its bytes.
    pub span: Span,
}

#[derive(Clone, Copy)]
pub(super) enum Open {
    Map,
    List,
}

/// How an operation ends.
pub(super) enum End {
    /// With a value.
    Assigned,
    /// With an empty value at the end of the text.
    AssignedLast,
    /// At the end of the text, without a value.
    Text,
    /// At the end of the text, inside the brackets of an index.
    Index,
    /// With an error.
    Error(String),
}

/// Everything that an argument asks for, up to the first error in its text.
pub(super) fn operations(argument: &Argument) -> Vec<Operation> {
    let text: Arc<str> = match argument {
        Argument::SetFile { key, text } => format!("{}={}", key.text, path_of(text)).into(),
        _ => Arc::clone(&argument.file().text),
    };
    let mut reader = Reader { text: &text, at: 0, argument };
    let mut operations = Vec::new();
    loop {
        let operation = reader.operation();
        let last = !matches!(operation.end, End::Assigned);
        operations.push(operation);
        if last {
            return operations;
        }
    }
}

/// The path by which Argo CD hands a file to `--set-file`.
fn path_of(file: &File) -> String {
    format!("<path to cached source>/{}", file.path)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    argument: &'a Argument,
}

/// What stopped a run of characters.
type Stopped = Option<char>;

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    /// The characters up to one of `stops` (which is taken), a `\` taking the next one as it is.
    fn until(&mut self, stops: &[char]) -> (String, Span, Stopped) {
        let start = self.at;
        let mut run = String::new();
        loop {
            let end = self.at;
            match self.take() {
                None => return (run, Span::new(start, end), None),
                Some(next) if stops.contains(&next) => return (run, Span::new(start, end), Some(next)),
                Some('\\') => match self.take() {
                    Some(next) => run.push(next),
                    None => return (run, Span::new(start, self.at), None),
                },
                Some(next) => run.push(next),
            }
        }
    }

    fn operation(&mut self) -> Operation {
        let start = self.at;
        let mut path = Path::default();
        let (end, value) = self.path(&mut path);
        for (_, span) in &mut path.steps {
            *span = self.inside(*span);
        }
        let assignment = value.map(|(value, span)| {
            Arc::new(Assignment { steps: path.steps.clone(), value, span: self.inside(span) })
        });
        let span = self.inside(Span::new(start, self.at));
        Operation { steps: path.steps, open: path.open, end, assignment, span }
    }

    /// The part of a span that somebody wrote: the path of `--set-file` is none of it.
    fn inside(&self, span: Span) -> Span {
        let end = self.argument.file().text.len();
        Span::new((span.start as usize).min(end), (span.end as usize).min(end))
    }

    /// Reads the path and, behind it, the value.
    fn path(&mut self, path: &mut Path) -> (End, Option<(Value, Span)>) {
        loop {
            let (key, span, stopped) = self.until(&['=', '[', ',', '.']);
            let Some(stopped) = stopped else {
                let end = if key.is_empty() {
                    End::Text
                } else {
                    error(format!("key {} has no value", quote(&key)))
                };
                return (end, None);
            };
            let named = quote(&key);
            path.step(Step::Key(key.into()), span);
            match stopped {
                '=' => return self.value(false),
                ',' => return (error(format!("key {named} has no value (cannot end with ,)")), None),
                '.' => {
                    if let Err(end) = path.enter_map() {
                        return (end, None);
                    }
                }
                _ => match self.indices(path) {
                    Ok('=') => return self.value(true),
                    Ok(_) => path.open = Some(Open::Map),
                    Err(end) => return (end, None),
                },
            }
        }
    }

    /// Reads positions, the first `[` being taken; gives what follows the last `]`.
    fn indices(&mut self, path: &mut Path) -> Result<char, End> {
        loop {
            let (index, span, stopped) = self.until(&[']']);
            if stopped.is_none() {
                return Err(End::Index);
            }
            let index = atoi(&index)?;
            // From here on Helm looks at what is there before it looks at the text.
            path.open = Some(Open::List);
            let Ok(position) = usize::try_from(index) else {
                return Err(error(format!("negative {index} index not allowed")));
            };
            path.step(Step::Index(position), span);
            let (rest, _, stopped) = self.until(&['[', '.', '=']);
            if !rest.is_empty() {
                return Err(error(format!("unexpected data at end of array index: {}", runes(&rest))));
            }
            match stopped {
                None => return Err(End::Text),
                Some('[') => {}
                Some(other) => return Ok(other),
            }
        }
    }

    fn value(&mut self, in_list: bool) -> (End, Option<(Value, Span)>) {
        let start = self.at;
        if let Argument::SetJson(_) = self.argument {
            return match self.json() {
                Ok(value) => (End::Assigned, Some((value, Span::new(start, self.at)))),
                Err(end) => (end, None),
            };
        }
        match self.peek() {
            None => {
                let end = if in_list { End::Assigned } else { End::AssignedLast };
                (end, Some((Value::String("".into()), Span::at(start))))
            }
            Some('{') => {
                self.take();
                match self.list() {
                    Ok(items) => {
                        let span = Span::new(start, self.at);
                        self.skip_comma();
                        (End::Assigned, Some((Value::List(items.into()), span)))
                    }
                    Err(end) => (end, None),
                }
            }
            Some(_) => {
                let (run, span, _) = self.until(&[',']);
                match self.typed(run) {
                    Ok(value) => (End::Assigned, Some((value, span))),
                    Err(end) => (end, None),
                }
            }
        }
    }

    fn list(&mut self) -> Result<Vec<Value>, End> {
        let mut items = Vec::new();
        loop {
            let (run, _, stopped) = self.until(&[',', '}']);
            let Some(stopped) = stopped else {
                return Err(error("list must terminate with '}'".to_owned()));
            };
            items.push(self.typed(run)?);
            if stopped == '}' {
                return Ok(items);
            }
        }
    }

    fn skip_comma(&mut self) {
        if self.peek() == Some(',') {
            self.take();
        }
    }

    /// A value of the kind that the argument gives. An equals sign in the key or a comma in the path make
    /// `--set-file` look for another file than the one that is meant.
    fn typed(&self, run: String) -> Result<Value, End> {
        Ok(match self.argument {
            Argument::SetFile { text, .. } if run == path_of(text) => Value::String(Arc::clone(&text.text)),
            Argument::SetFile { .. } => return Err(error(format!("open {run}: no such file or directory"))),
            Argument::SetString(_) => Value::String(run.into()),
            _ => typed(run),
        })
    }

    /// Takes blanks and at most one comma; whether there was nothing else before it.
    fn blank(&mut self) -> bool {
        loop {
            match self.peek() {
                None => return true,
                Some(',') => {
                    self.take();
                    return true;
                }
                Some(next) if next.is_whitespace() => {
                    self.take();
                }
                Some(_) => return false,
            }
        }
    }

    fn json(&mut self) -> Result<Value, End> {
        if self.blank() {
            return Ok(Value::Null);
        }
        let rest = &self.text[self.at..];
        // Go's decoder is content with what follows a word, whatever it is.
        let words = [("null", Value::Null), ("true", Value::Bool(true)), ("false", Value::Bool(false))];
        if let Some((word, value)) = words.into_iter().find(|(word, _)| rest.starts_with(word)) {
            self.at += word.len();
            self.blank();
            return Ok(value);
        }
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<serde_json::Value>();
        match values.next() {
            Some(Ok(value)) => {
                self.at += values.byte_offset();
                self.blank();
                Ok(of_json(&value))
            }
            Some(Err(problem)) => Err(error(problem.to_string())),
            None => Err(error("EOF".to_owned())),
        }
    }
}

#[derive(Default)]
struct Path {
    steps: Vec<(Step, Span)>,
    open: Option<Open>,
    maps: usize,
}

impl Path {
    fn step(&mut self, step: Step, span: Span) {
        self.steps.push((step, span));
        self.open = None;
    }

    fn enter_map(&mut self) -> Result<(), End> {
        self.maps += 1;
        if self.maps > DEEPEST_NAME {
            return Err(error(format!(
                "value name nested level is greater than maximum supported nested level of {DEEPEST_NAME}"
            )));
        }
        self.open = Some(Open::Map);
        Ok(())
    }
}

/// As Go's `%q` prints a slice of runes: `['a' 'b']`.
fn runes(text: &str) -> String {
    let rune = |char| {
        let mut quoted = String::new();
        escape(&mut quoted, char, '\'', false);
        format!("'{quoted}'")
    };
    format!("[{}]", text.chars().map(rune).collect::<Vec<_>>().join(" "))
}

fn error(message: String) -> End {
    End::Error(message)
}

/// Go's `strconv.Atoi`.
fn atoi(text: &str) -> Result<i64, End> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let well_formed = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let problem = match text.parse::<i64>() {
        Ok(number) if well_formed => return Ok(number),
        Err(_) if well_formed => "value out of range",
        _ => "invalid syntax",
    };
    Err(error(format!("error parsing index: strconv.Atoi: parsing {}: {problem}", quote(text))))
}

/// Helm's typing: booleans and null in any case, integers without leading zero; else a string.
fn typed(text: String) -> Value {
    let is = |word: &str| text.eq_ignore_ascii_case(word);
    if is("true") || is("false") {
        return Value::Bool(is("true"));
    }
    if is("null") {
        return Value::Null;
    }
    if text == "0" {
        return Value::Int(0);
    }
    match text.parse::<i64>() {
        Ok(number) if !text.starts_with('0') => Value::Int(number),
        _ => Value::String(text.into()),
    }
}

fn of_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(bool) => Value::Bool(*bool),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => Value::List(items.iter().map(of_json).collect()),
        serde_json::Value::Object(entries) => {
            let pairs = entries.iter().map(|(key, value)| (Arc::from(key.as_str()), of_json(value)));
            Value::Map(Arc::new(pairs.collect::<Map>()))
        }
    }
}
