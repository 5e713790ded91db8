//! Which parts of its data a template reads.

use super::tree::{Kind, Source};
use std::sync::Arc;

/// The first keys of the data that the templates of a text name; `None` where one of them may look at its
/// data as a whole: a dot or a `$` by itself. Where the dot is something else (in `range` and `with`), the
/// keys are more than are read.
pub(super) fn reads(source: &Source) -> Option<Vec<Arc<str>>> {
    let mut keys: Vec<Arc<str>> = Vec::new();
    for node in &source.nodes {
        let key = match &node.kind {
            Kind::Dot => return None,
            Kind::Variable(names) if &*names[0] == "$" => names.get(1)?,
            Kind::Field(names) => names.first()?,
            _ => continue,
        };
        if !keys.contains(key) {
            keys.push(Arc::clone(key));
        }
    }
    Some(keys)
}

#[cfg(test)]
mod tests {
    use crate::source::File;
    use crate::template::{Functions, Set};
    use std::sync::Arc;

    #[test]
    fn keys_are_told_unless_the_whole_is_looked_at() {
        for (text, reads) in [
            ("plain", Some(vec![])),
            ("{{ .a.b }}-{{ $.c }}-{{ (index .d 0).e }}", Some(vec!["a", "c", "d"])),
            ("{{ $x := .a }}{{ $x.b }}", Some(vec!["a"])),
            ("{{ with .a }}{{ .b }}{{ end }}", Some(vec!["a", "b"])),
            ("{{ . }}", None),
            ("{{ .a }}{{ index $ \"b\" }}", None),
            ("{{ range .a }}{{ . }}{{ end }}", None),
            ("{{ define \"t\" }}{{ .b }}{{ end }}{{ template \"t\" . }}", None),
            ("{{ define \"t\" }}{{ .b }}{{ end }}{{ template \"t\" .a }}", Some(vec!["b", "a"])),
        ] {
            let mut set = Set::new("t", Arc::new(Functions::go()));
            set.parse(&File::generated("t", Arc::from(text), None), "main").expect("it parses");
            let reads = reads.map(|keys: Vec<&str>| keys.into_iter().map(Arc::from).collect::<Vec<_>>());
            assert_eq!(set.reads("main"), reads, "{text}");
        }
    }
}
