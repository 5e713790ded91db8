//! Templates in single strings: fasttemplate and Go templates.
//!
//! Spec sheet section 4. A string is parsed once and rendered with any number of parameter sets.

use super::parameters::{Data, Items, Parameter, Parameters, Values};
use crate::profile::Profile;
use crate::source::File;
use crate::template::functions::{self, Context, Function, StandIn};
use crate::template::pieces::{Piece, Step};
use crate::template::quote::quote;
use crate::template::trace::{Segment, Trace};
use crate::template::value::{Kind, List, Map, Origin, Str};
use crate::template::{Functions, Limits, MissingKey, Set, Type, Value, execute};
use std::cell::{OnceCell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

/// Which template language a set speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mode {
    /// fasttemplate: `{{name}}` is replaced, nothing else is known.
    Fast,
    /// Go's text/template with Sprig (`goTemplate: true`).
    Go(Options),
}

/// `goTemplateOptions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// What a key gives that a map doesn't have.
    pub missing: Missing,
    /// The first option that Go doesn't know: every template panics on it.
    pub unknown: Option<String>,
}

/// What a key gives that a map doesn't have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Missing {
    /// `<no value>`.
    Invalid,
    /// The zero value of the map's values.
    Zero,
    /// An error.
    Error,
}

impl Options {
    /// Reads `goTemplateOptions`; a later option replaces an earlier one.
    pub fn new<'o>(options: impl IntoIterator<Item = &'o str>) -> Self {
        let mut read = Self { missing: Missing::Invalid, unknown: None };
        for option in options {
            match option {
                "missingkey=default" | "missingkey=invalid" => read.missing = Missing::Invalid,
                "missingkey=zero" => read.missing = Missing::Zero,
                "missingkey=error" => read.missing = Missing::Error,
                other => {
                    read.unknown.get_or_insert_with(|| other.to_owned());
                }
            }
        }
        read
    }
}

/// A string, parsed.
#[derive(Clone, Debug)]
pub enum TextTemplate {
    /// Nothing to replace.
    Plain(Arc<str>),
    /// fasttemplate.
    Fast(Fast),
    /// Go's template language.
    Go(Go),
    /// Rendering fails whatever the parameters are.
    Invalid(String),
}

/// A fasttemplate string.
#[derive(Clone, Debug)]
pub struct Fast {
    /// Text before a tag and the tag as written between its braces.
    parts: Vec<(String, String)>,
    /// Text after the last tag.
    rest: String,
}

/// A Go template.
#[derive(Clone, Debug)]
pub struct Go {
    set: Set,
    missing: MissingKey,
    profile: Profile,
    text: Arc<str>,
    made_up: MadeUp,
    /// The parameters that it reads; `None` if it may look at all of them.
    reads: Option<Vec<Arc<str>>>,
    /// What it puts together, if it does nothing else.
    pieces: Option<Vec<Piece>>,
    /// The last few texts that were put together: those of one file's sets are mostly the same.
    together: RefCell<VecDeque<Arc<str>>>,
    recent: RefCell<Recent>,
}

/// What came of the last few renderings, each with the parameters that were read. Sets that a matrix makes
/// of one file come one after the other and have most of their parameters in common.
type Recent = VecDeque<(Vec<Option<Data>>, Arc<str>)>;

/// So many are kept.
const MOST_RECENT: usize = 4;

/// Longer texts are left to the executor, which has a limit.
const MOST_PUT_TOGETHER: usize = 1 << 20;

/// Values that were made up, each function once.
pub type MadeUp = Rc<RefCell<Vec<StandIn>>>;

/// The parameters that strings are rendered with. All strings of an Application see one value, which
/// functions such as `set` can change.
pub struct Scope<'p> {
    parameters: &'p Parameters,
    value: OnceCell<Value>,
    converted: Option<&'p RefCell<Converted>>,
}

/// Lists and maps that were converted before, by their addresses; kept together with what they were
/// converted from, so that the addresses stay theirs.
#[derive(Debug, Default)]
pub struct Converted(HashMap<*const (), (Data, Value)>);

/// So many are kept: sets that share maps come one after the other.
const MOST_CONVERTED: usize = 4096;

impl<'p> Scope<'p> {
    /// A parameter set as templates see it.
    pub fn new(parameters: &'p Parameters) -> Self {
        Self { parameters, value: OnceCell::new(), converted: None }
    }

    /// The same, with values that were converted for other sets: for templates that change none.
    pub fn sharing(parameters: &'p Parameters, converted: &'p RefCell<Converted>) -> Self {
        Self { parameters, value: OnceCell::new(), converted: Some(converted) }
    }

    /// Whether there are no parameters.
    pub fn is_empty(&self) -> bool {
        self.parameters.is_empty()
    }

    fn value(&self) -> Value {
        let convert = || match self.converted {
            None => map_of(Values::Any, self.parameters, &mut value_of),
            Some(converted) => {
                let mut converted = converted.borrow_mut();
                map_of(Values::Any, self.parameters, &mut |data| converted.value_of(data))
            }
        };
        self.value.get_or_init(convert).clone()
    }
}

/// How the strings of a set are read, wherever that is done.
#[derive(Clone, Debug)]
pub struct Language {
    mode: Mode,
    profile: Profile,
    functions: Arc<Functions>,
}

/// Parses strings, each once, and renders them.
#[derive(Debug)]
pub struct Renderer {
    /// How they are read.
    pub language: Language,
    /// Whether a template may change the maps that it is given.
    pub changes_maps: bool,
    /// What templates asked for that is random or of the outside, and was made up.
    pub made_up: MadeUp,
    parsed: HashMap<Arc<str>, Rc<TextTemplate>>,
}

impl Renderer {
    /// A renderer for a set.
    pub fn new(mode: Mode, profile: Profile) -> Self {
        Self::of(Language { mode, profile, functions: Arc::new(known_functions(profile)) })
    }

    /// A renderer for a language that is known already.
    pub fn of(language: Language) -> Self {
        Self { language, changes_maps: false, made_up: MadeUp::default(), parsed: HashMap::new() }
    }

    /// Whether it speaks Go's template language.
    pub fn is_go(&self) -> bool {
        matches!(self.language.mode, Mode::Go(_))
    }

    /// The same language, in which a missing key is an error.
    #[must_use]
    pub fn strict(&self) -> Self {
        let mode = match &self.language.mode {
            Mode::Fast => Mode::Fast,
            Mode::Go(options) => {
                Mode::Go(Options { missing: Missing::Error, unknown: options.unknown.clone() })
            }
        };
        let strict = Self::of(Language { mode, ..self.language.clone() });
        Self { made_up: Rc::clone(&self.made_up), ..strict }
    }

    /// Parses a string, or finds it among those already parsed.
    pub fn parse(&mut self, text: &Arc<str>) -> Rc<TextTemplate> {
        if let Some(parsed) = self.parsed.get(text) {
            return Rc::clone(parsed);
        }
        let parsed = Rc::new(match &self.language.mode {
            Mode::Fast => parse_fast(text),
            Mode::Go(Options { unknown: Some(option), .. }) => {
                TextTemplate::Invalid(format!("unrecognized option: {option}"))
            }
            Mode::Go(_) if !text.contains("{{") => TextTemplate::Plain(Arc::clone(text)),
            Mode::Go(options) => {
                self.changes_maps |= CHANGING.iter().any(|function| text.contains(function));
                self.parse_go(text, options.missing)
            }
        });
        self.parsed.insert(Arc::clone(text), Rc::clone(&parsed));
        parsed
    }

    fn parse_go(&self, text: &Arc<str>, missing: Missing) -> TextTemplate {
        let (profile, functions) = (self.language.profile, &self.language.functions);
        let name = profile.argocd.template_name();
        let mut set = Set::new(name, Arc::clone(functions));
        let file = File::generated("<template>", Arc::clone(text), None);
        if let Err(error) = set.parse(&file, name) {
            return TextTemplate::Invalid(format!("failed to parse template {text}: {error}"));
        }
        let missing = match missing {
            Missing::Invalid => MissingKey::Invalid,
            Missing::Zero => MissingKey::Zero,
            Missing::Error => MissingKey::Error,
        };
        let (text, made_up) = (Arc::clone(text), Rc::clone(&self.made_up));
        let (reads, pieces) = (set.reads(name), set.pieces(name));
        let (together, recent) = (RefCell::default(), RefCell::default());
        TextTemplate::Go(Go { set, missing, profile, text, made_up, reads, pieces, together, recent })
    }

    /// Parses and renders a string.
    ///
    /// # Errors
    /// What the controller says about it.
    pub fn replace(&mut self, text: &Arc<str>, scope: &Scope) -> Result<Arc<str>, String> {
        self.parse(text).render(scope)
    }
}

/// A part of a rendered string.
#[derive(Clone, Debug)]
pub struct Part {
    /// Its bytes in the rendered string.
    pub range: Range<usize>,
    /// The expression that wrote it, with its braces; `None` for plain text.
    pub expression: Option<String>,
    /// The parameters that it was made from, by their names.
    pub parameters: Vec<(Arc<str>, Parameter)>,
}

/// Whether a string has anything to replace: on one line `{{` and after it `}}`.
fn is_templated(text: &str) -> bool {
    text.lines().any(|line| line.find("{{").is_some_and(|at| line[at + 2..].contains("}}")))
}

fn parse_fast(text: &Arc<str>) -> TextTemplate {
    if !is_templated(text) {
        return TextTemplate::Plain(Arc::clone(text));
    }
    let mut parts = Vec::new();
    let mut rest = &**text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((tag, after_tag)) = after.split_once("}}") else {
            return TextTemplate::Invalid(format!(
                "invalid template: Cannot find end tag=\"}}}}\" in the template={} starting from {}",
                quote(text),
                quote(after)
            ));
        };
        parts.push((before.to_owned(), tag.to_owned()));
        rest = after_tag;
    }
    TextTemplate::Fast(Fast { parts, rest: rest.to_owned() })
}

impl TextTemplate {
    /// Whether rendering can change it.
    pub fn is_plain(&self) -> bool {
        matches!(self, Self::Plain(_))
    }

    /// Renders the string and tells what each part of it was made from.
    ///
    /// # Errors
    /// What the controller says about it.
    pub fn explain(&self, parameters: &Parameters) -> Result<Vec<Part>, String> {
        match self {
            Self::Plain(text) => {
                Ok(vec![Part { range: 0..text.len(), expression: None, parameters: Vec::new() }])
            }
            Self::Fast(fast) => Ok(fast.explain(parameters)),
            Self::Go(go) => go.explain(parameters),
            Self::Invalid(error) => Err(error.clone()),
        }
    }

    /// Renders the string.
    ///
    /// # Errors
    /// What the controller says about it.
    pub fn render(&self, scope: &Scope) -> Result<Arc<str>, String> {
        match self {
            Self::Plain(text) => Ok(Arc::clone(text)),
            Self::Fast(fast) => Ok(fast.render(scope.parameters)),
            Self::Go(go) => go.render(scope),
            Self::Invalid(error) => Err(error.clone()),
        }
    }
}

/// Parts of the names of functions that change a map that they are given.
const CHANGING: [&str; 3] = ["set ", "merge", "Merge"];

/// `tpl` may nest so deep.
const MOST_NESTED_TPL: usize = 3;

/// Sprig's `fail`.
const FAIL: &[Function] = &[Function::new("fail", &[Type::String], |_, a| Err(a[0].text().into_owned()))];

/// Go's functions, Sprig's without those that look at the machine, and Argo CD's own.
fn known_functions(profile: Profile) -> Functions {
    let tables = functions::argocd();
    let functions = tables.into_iter().fold(Functions::go(), Functions::with).with(FAIL);
    if profile.argocd.has_tpl() {
        return functions.with_templates().without(&["include"]);
    }
    functions
}

impl Go {
    fn render(&self, scope: &Scope) -> Result<Arc<str>, String> {
        let (Some(reads), Some(converted)) = (&self.reads, scope.converted) else {
            return self.print(scope.value());
        };
        // Nothing else can tell one scope from another here.
        if let Some(text) = self.put_together(scope.parameters) {
            return Ok(text);
        }
        let read = || reads.iter().map(|name| scope.parameters.get(name).map(|parameter| &parameter.data));
        let is_same = |(before, _): &&(Vec<Option<Data>>, Arc<str>)| {
            read().zip(before).all(|pair| match pair {
                (Some(now), Some(before)) => now.is_identical(before),
                (None, None) => true,
                _ => false,
            })
        };
        if let Some((_, known)) = self.recent.borrow().iter().find(is_same) {
            return Ok(Arc::clone(known));
        }
        let text = self.print(converted.borrow_mut().map_of(reads, scope.parameters))?;
        let mut recent = self.recent.borrow_mut();
        recent.truncate(MOST_RECENT - 1);
        recent.push_front((read().map(Option::<&Data>::cloned).collect(), Arc::clone(&text)));
        Ok(text)
    }

    /// The text, if it is made of strings that are all there. All else is for Go's rules to tell.
    fn put_together(&self, parameters: &Parameters) -> Option<Arc<str>> {
        let mut text = String::new();
        for piece in self.pieces.as_ref()? {
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Value(steps) => text.push_str(string_at(parameters, steps)?),
            }
            if text.len() > MOST_PUT_TOGETHER {
                return None;
            }
        }
        let mut recent = self.together.borrow_mut();
        if let Some(known) = recent.iter().find(|known| ***known == *text) {
            return Some(Arc::clone(known));
        }
        let text: Arc<str> = text.into();
        recent.truncate(MOST_RECENT - 1);
        recent.push_front(Arc::clone(&text));
        Some(text)
    }

    fn print(&self, value: Value) -> Result<Arc<str>, String> {
        self.execute(value, None).map(|text| String::from_utf8_lossy(&text).into())
    }

    fn explain(&self, parameters: &Parameters) -> Result<Vec<Part>, String> {
        let mut numbered = Vec::new();
        let value = numbered_map(Values::Any, parameters, "", &mut numbered);
        let mut trace = Trace::default();
        self.execute(value, Some(&mut trace))?;
        let part = |segment: &Segment| {
            let written = segment.location().text().to_owned();
            let places = segment.origin.iter().flat_map(Origin::places);
            Part {
                range: segment.range.clone(),
                expression: Some(written).filter(|written| written.starts_with("{{")),
                parameters: places.filter_map(|place| numbered.get(*place as usize).cloned()).collect(),
            }
        };
        Ok(trace.segments.iter().map(part).collect())
    }

    fn execute(&self, value: Value, trace: Option<&mut Trace>) -> Result<Vec<u8>, String> {
        let name = self.profile.argocd.template_name();
        let mut context = Context::new(self.profile);
        let limits = Limits { tpl: MOST_NESTED_TPL, tpl_refuses: true, ..Limits::default() };
        let rendered = execute(&self.set, name, value, self.missing, limits, &mut context, trace);
        let mut made_up = self.made_up.borrow_mut();
        for stand_in in context.stand_ins {
            if !made_up.contains(&stand_in) {
                made_up.push(stand_in);
            }
        }
        let text = rendered.map(|output| output.text);
        text.map_err(|error| format!("failed to execute go template {}: {error}", self.text))
    }
}

/// The string that some steps lead to from a parameter set.
fn string_at<'p>(parameters: &'p Parameters, steps: &[Step]) -> Option<&'p str> {
    let (Step::Key(first), rest) = steps.split_first()? else { return None };
    let found =
        rest.iter().try_fold(parameters.get(first)?, |parameter, step| match (&parameter.data, step) {
            (Data::Map(_, map), Step::Key(key)) => map.get(key),
            (Data::List(_, items), Step::Item(at)) => items.get(*at),
            _ => None,
        });
    found?.as_text().map(|text| &**text)
}

impl Converted {
    /// The parameters of these names alone, as a map.
    fn map_of(&mut self, names: &[Arc<str>], parameters: &Parameters) -> Value {
        let given = names.iter().filter_map(|name| Some((name, parameters.get(name)?)));
        let entries =
            given.map(|(name, parameter)| (Str::from(Arc::clone(name)), self.value_of(&parameter.data)));
        Kind::Map(Rc::new(Map::new(Type::MAP, entries.collect()))).into()
    }

    fn value_of(&mut self, data: &Data) -> Value {
        let address = match data {
            Data::List(_, items) => Arc::as_ptr(items).cast(),
            Data::Map(_, map) => Arc::as_ptr(map).cast(),
            scalar => return value_of(scalar),
        };
        if let Some((_, value)) = self.0.get(&address) {
            return value.clone();
        }
        if self.0.len() > MOST_CONVERTED {
            self.0.clear();
        }
        let value = value_of(data);
        self.0.insert(address, (data.clone(), value.clone()));
        value
    }
}

fn value_of(data: &Data) -> Value {
    match data {
        Data::Null => Value::NIL,
        Data::Bool(bool) => (*bool).into(),
        Data::Float(float) => (*float).into(),
        Data::Int(int) => Value::int64(*int),
        Data::Text(text) => Str::from(Arc::clone(text)).into(),
        Data::List(of, items) => {
            let of = match of {
                Items::Any => Type::LIST,
                Items::Texts => Type::STRINGS,
                Items::Maps => Type::Slice(&Type::MAP),
            };
            Kind::List(Rc::new(List::new(of, items.iter().map(|item| value_of(&item.data)).collect()))).into()
        }
        Data::Map(of, map) => map_of(*of, map, &mut value_of),
    }
}

/// A map whose values know their numbers in a list of all parameters.
fn numbered_map(
    of: Values,
    parameters: &Parameters,
    path: &str,
    numbered: &mut Vec<(Arc<str>, Parameter)>,
) -> Value {
    let of = if of == Values::Any { Type::MAP } else { Type::STRING_MAP };
    let entries = parameters.iter().map(|(name, parameter)| {
        let number = numbered.len() as u32;
        let path: Arc<str> = format!("{path}{name}").into();
        numbered.push((Arc::clone(&path), parameter.clone()));
        let value = match &parameter.data {
            Data::Map(of, map) => numbered_map(*of, map, &format!("{path}."), numbered),
            data => value_of(data),
        };
        (Str::from(Arc::clone(name)), value.made_from(Some(Origin::new(number))))
    });
    let entries = entries.collect();
    Kind::Map(Rc::new(Map::new(of, entries))).into()
}

fn map_of(of: Values, parameters: &Parameters, convert: &mut dyn FnMut(&Data) -> Value) -> Value {
    let of = if of == Values::Any { Type::MAP } else { Type::STRING_MAP };
    let entries =
        parameters.iter().map(|(name, parameter)| (Str::from(Arc::clone(name)), convert(&parameter.data)));
    Kind::Map(Rc::new(Map::new(of, entries.collect()))).into()
}

impl Fast {
    fn explain(&self, parameters: &Parameters) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut at = 0;
        let mut push = |length: usize, expression, parameters| {
            if length > 0 {
                parts.push(Part { range: at..at + length, expression, parameters });
                at += length;
            }
        };
        for (before, tag) in &self.parts {
            push(before.len(), None, Vec::new());
            let name: Arc<str> = tag.trim().into();
            let used = parameters.get(&name).filter(|parameter| parameter.as_text().is_some());
            let length = used.map_or(tag.len() + 4, |parameter| parameter.text().len());
            let used = used.map(|parameter| (name, parameter.clone()));
            push(length, Some(format!("{{{{{tag}}}}}")), used.into_iter().collect());
        }
        push(self.rest.len(), None, Vec::new());
        parts
    }

    /// A tag that names no string is written as it stands.
    fn render(&self, parameters: &Parameters) -> Arc<str> {
        let mut text = String::new();
        for (before, tag) in &self.parts {
            text.push_str(before);
            match parameters.get(tag.trim()).map(|parameter| &parameter.data) {
                Some(Data::Text(value)) if !tag.trim().is_empty() => text.push_str(value),
                _ => {
                    let _ = write!(text, "{{{{{tag}}}}}");
                }
            }
        }
        text.push_str(&self.rest);
        text.into()
    }
}

#[cfg(test)]
mod tests;
