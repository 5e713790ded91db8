//! Where in a template a value that may be missing does no harm: what tests it, replaces it or hands it on
//! to somebody who may.

use super::tree::{Id, Kind, Source};

/// Functions that put into their result what they are given. A value that is missing shows there.
const SHOWS: &[&str] = &[
    "add",
    "b64enc",
    "cat",
    "float64",
    "html",
    "indent",
    "int",
    "int64",
    "join",
    "js",
    "lower",
    "mul",
    "nindent",
    "nospace",
    "print",
    "printf",
    "println",
    "quote",
    "replace",
    "sha256sum",
    "squote",
    "sub",
    "title",
    "toJson",
    "toPrettyJson",
    "toRawJson",
    "toString",
    "toToml",
    "toYaml",
    "toYamlPretty",
    "trim",
    "trimAll",
    "trimPrefix",
    "trimSuffix",
    "trunc",
    "upper",
    "urlquery",
];

impl Source {
    /// Whether what a field or variable gives is printed where it stands, with nothing on the way that
    /// minds whether it is there.
    pub fn shows(&self, id: Id) -> bool {
        let mut at = id;
        while let Some(parent) = self.parent(at) {
            match &self.node(parent).kind {
                Kind::Action(_) => return true,
                Kind::Command(words) if words.first() != Some(&at) && !self.calls_to_show(parent) => {
                    return false;
                }
                Kind::Pipe(pipe) => {
                    let mut after = pipe.commands.iter().skip_while(|&&command| command != at).skip(1);
                    if !pipe.variables.is_empty() || !after.all(|&command| self.calls_to_show(command)) {
                        return false;
                    }
                }
                Kind::Command(_) | Kind::Chain(..) => {}
                _ => return false,
            }
            at = parent;
        }
        false
    }

    /// Whether a command calls a function that puts its arguments into its result.
    fn calls_to_show(&self, command: Id) -> bool {
        let Kind::Command(words) = &self.node(command).kind else { return false };
        let function = words.first().map(|&word| &self.node(word).kind);
        matches!(function, Some(Kind::Identifier(name)) if SHOWS.contains(&&**name))
    }

    /// The node that a part of a pipeline stands in. It was finished after its parts.
    fn parent(&self, id: Id) -> Option<Id> {
        let holds = |kind: &Kind| match kind {
            Kind::Action(pipe) | Kind::Chain(pipe, _) | Kind::Template { pipe: Some(pipe), .. } => {
                *pipe == id
            }
            Kind::If(branch) | Kind::With(branch) | Kind::Range(branch) => {
                branch.links.iter().any(|(pipe, _)| *pipe == id)
            }
            Kind::Pipe(pipe) => pipe.commands.contains(&id),
            Kind::Command(words) => words.contains(&id),
            _ => false,
        };
        let after = (id.0 as usize + 1..self.nodes.len()).find(|&at| holds(&self.nodes[at].kind))?;
        Some(Id(after as u32))
    }
}
