//! What templates would read of the values if every branch were taken: what they say, not what they do.

use super::set::Set;
use super::tree::{Branch, Id, Kind, Source};
use crate::source::Span;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// The values that the templates of a set speak of.
#[derive(Debug, Default)]
pub struct Mentions {
    /// Chains of fields after `.Values`, by the first one.
    of_values: HashMap<Arc<str>, Vec<Mention>>,
    /// Chains of fields of anything else: of the dot in a `range`, of a variable.
    of_anything: HashMap<Arc<str>, Vec<Mention>>,
    /// Texts: keys for `index`, `get` and the like.
    texts: HashSet<Arc<str>>,
}

/// A chain of fields.
#[derive(Debug)]
struct Mention {
    names: Vec<Arc<str>>,
    /// Whether it only decides, and what stands in it is read by other chains.
    tested: bool,
}

impl Mention {
    /// Whether it reads the value at a path, something in it, or all of what it stands in.
    fn reads(&self, path: &[&str]) -> bool {
        let common = self.names.iter().zip(path).all(|(name, step)| **name == **step);
        common && !(self.tested && self.names.len() < path.len())
    }
}

impl Set {
    /// What its templates speak of.
    pub fn mentions(&self) -> Mentions {
        let mut mentions = Mentions::default();
        let mut known = HashSet::new();
        for code in self.names().into_iter().filter_map(|name| self.get(name)) {
            if known.insert(Arc::as_ptr(&code.source)) {
                mentions.read(&code.source);
            }
        }
        mentions
    }
}

impl Mentions {
    /// Whether a template may read the value at a path of a chart's values.
    pub fn may_read(&self, path: &[&str]) -> bool {
        let reads = |mentions: &HashMap<Arc<str>, Vec<Mention>>, path: &[&str]| {
            let first = path.first().and_then(|first| mentions.get(*first));
            first.is_some_and(|mentions| mentions.iter().any(|mention| mention.reads(path)))
        };
        reads(&self.of_values, path)
            || (0..path.len()).any(|at| reads(&self.of_anything, &path[at..]))
            || path.last().is_some_and(|last| self.texts.contains(*last))
    }

    fn read(&mut self, source: &Source) {
        let mut tested = HashSet::new();
        for node in &source.nodes {
            match &node.kind {
                Kind::If(branch) => tested.extend(conditions(source, branch)),
                // What these make the dot or a variable may be handed on as a whole.
                Kind::With(branch) | Kind::Range(branch) if !hands_on(source, node.span) => {
                    tested.extend(conditions(source, branch));
                }
                _ => {}
            }
        }
        for (at, node) in source.nodes.iter().enumerate() {
            let tested = tested.contains(&Id(at as u32));
            match &node.kind {
                Kind::Field(names) => self.chain(names, tested),
                Kind::Variable(names) => self.chain(&names[1..], tested),
                Kind::Chain(_, names) => self.chain(names, tested),
                Kind::String { text, .. } => {
                    self.texts.insert(text.text().into());
                }
                _ => {}
            }
        }
    }

    fn chain(&mut self, names: &[Arc<str>], tested: bool) {
        let after = names.iter().position(|name| &**name == "Values").map(|at| &names[at + 1..]);
        let (mentions, names) = match after {
            Some(names) => (&mut self.of_values, names),
            None => (&mut self.of_anything, names),
        };
        if let Some(first) = names.first() {
            let mention = Mention { names: names.to_vec(), tested };
            mentions.entry(Arc::clone(first)).or_default().push(mention);
        }
    }
}

/// Whether a dot or a variable stands in a span without fields.
fn hands_on(source: &Source, span: Span) -> bool {
    source.nodes.iter().any(|node| {
        let is_whole = match &node.kind {
            Kind::Dot => true,
            Kind::Variable(names) => names.len() == 1 && *names[0] != *"$",
            _ => false,
        };
        is_whole && span.start <= node.span.start && node.span.end <= span.end
    })
}

/// The fields and variables that alone are a condition.
fn conditions(source: &Source, branch: &Branch) -> Vec<Id> {
    let alone = |&(pipe, _): &(Id, Id)| match &source.node(pipe).kind {
        Kind::Pipe(pipe) => match &pipe.commands[..] {
            [command] => match &source.node(*command).kind {
                Kind::Command(words) if words.len() == 1 => words.first().copied(),
                _ => None,
            },
            _ => None,
        },
        _ => None,
    };
    branch.links.iter().filter_map(alone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::File;
    use crate::template::Functions;

    #[test]
    fn branches_that_are_not_taken_are_read_too() {
        let text = "{{ if .Values.off }}{{ .Values.a.b }}{{ with .Values.c }}{{ .d }}{{ end }}\
                    {{ with .Values.e }}{{ print . }}{{ end }}{{ range .Values.l }}{{ .m }}{{ end }}\
                    {{ index $.Values \"key\" }}{{ end }}";
        let mut set = Set::new("set", Arc::new(Functions::go()));
        set.parse(&File::generated("t", text, None), "t").expect("it parses");
        let mentions = set.mentions();
        for path in [&["off"][..], &["a", "b"], &["a"], &["c", "d"], &["e", "x"], &["l", "0", "m"], &["key"]]
        {
            assert!(mentions.may_read(path), "{path:?}");
        }
        for path in [&["of"][..], &["off", "x"], &["a", "c"], &["c", "e"], &["l", "0", "n"], &["no"]] {
            assert!(!mentions.may_read(path), "{path:?}");
        }
    }
}
