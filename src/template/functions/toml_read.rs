//! TOML as BurntSushi/toml reads it, with its errors.

use super::MOST_LEVELS;
use super::toml_scalars::{scalar, string};
use super::toml_text::{END, Fault, Text, quoted};
use crate::profile::Helm;
use crate::template::quote::quote;
use crate::template::types::Type;
use crate::template::value::{Kind, List, Value};
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

/// A table while it is read.
type Table = BTreeMap<String, Node>;

enum Node {
    Value(Value),
    Table(Table),
    /// An array of tables: the last one is open.
    Tables(Vec<Table>),
}

/// A path of keys.
type Path = Vec<String>;

struct Reader<'a> {
    text: Text<'a>,
    /// Since 1.6 the library reads TOML 1.1.
    newer: bool,
    root: Table,
    /// The table that is open.
    context: Path,
    /// The key whose value is read.
    key: String,
    /// The line of the last key, which errors of double keys name.
    key_line: i64,
    /// Tables that no one has named on its own yet.
    implicit: HashSet<Path>,
    arrays: HashSet<Path>,
}

/// `toml.Unmarshal` into a map.
pub fn read_toml(text: &[u8], helm: Helm) -> Result<Value, String> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let text = text.strip_prefix(b"\xff\xfe").or_else(|| text.strip_prefix(b"\xfe\xff")).unwrap_or(text);
    if text.iter().take(6).any(|&byte| byte == 0) {
        let what = "files cannot contain NULL bytes; probably using UTF-16; TOML files must be UTF-8";
        return Err(format!("toml: line 1: {what}"));
    }
    let mut reader = Reader {
        text: Text::new(text, helm),
        newer: helm.writes_toml_exponents(),
        root: Table::new(),
        context: Path::new(),
        key: String::new(),
        key_line: 1,
        implicit: HashSet::new(),
        arrays: HashSet::new(),
    };
    match reader.document() {
        Ok(()) => Ok(to_value(Node::Table(reader.root))),
        Err(Fault { line, message }) => {
            let mut key = path_text(&reader.context);
            if !reader.key.is_empty() {
                key.push_str(if key.is_empty() { "" } else { "." });
                key.push_str(&reader.key);
            }
            let key = if key.is_empty() { key } else { format!(" (last key {})", quote(&key)) };
            Err(format!("toml: line {line}{key}: {message}"))
        }
    }
}

fn to_value(node: Node) -> Value {
    let map = |table: Table| Value::map(table.into_iter().map(|(key, node)| (key, to_value(node))));
    match node {
        Node::Value(value) => value,
        Node::Table(table) => map(table),
        Node::Tables(tables) => {
            let of = Type::Slice(&Type::MAP);
            Kind::List(Rc::new(List::new(of, tables.into_iter().map(map).collect()))).into()
        }
    }
}

/// Keys joined by points, quoted where they need to be.
fn path_text(path: &[String]) -> String {
    let parts = path.iter().map(|key| super::toml_write::quoted_key(key.as_bytes()));
    String::from_utf8_lossy(&bstr::join(".", parts)).into_owned()
}

fn is_bare(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == '-'
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), Fault> {
        loop {
            self.text.skip(|c| matches!(c, ' ' | '\t' | '\r' | '\n'))?;
            match self.text.peek()? {
                END => return Ok(()),
                '#' => self.comment()?,
                '[' => {
                    self.heading()?;
                    self.end_of_line()?;
                }
                _ => {
                    self.key_value()?;
                    self.end_of_line()?;
                }
            }
        }
    }

    fn comment(&mut self) -> Result<(), Fault> {
        self.text.skip(|c| c != '\n' && c != '\r')
    }

    fn end_of_line(&mut self) -> Result<(), Fault> {
        self.text.skip_blanks()?;
        if self.text.peek()? == '#' {
            return self.comment();
        }
        match self.text.next()? {
            END | '\r' | '\n' => Ok(()),
            c => self.text.fail(format!(
                "expected a top-level item to end with a newline, comment, or EOF, but got {} instead",
                quoted(c)
            )),
        }
    }

    /// `[a.b]` or `[[a.b]]`.
    fn heading(&mut self) -> Result<(), Fault> {
        self.text.next()?;
        let array = self.text.accept('[')?;
        let mut path = Path::new();
        loop {
            self.text.skip_blanks()?;
            let part = match self.text.peek()? {
                ']' | END => {
                    return self.text.fail("unexpected end of table name (table names cannot be empty)");
                }
                '.' => return self.text.fail("unexpected table separator (table names cannot be empty)"),
                _ => self.key_part()?,
            };
            if path.is_empty() {
                self.key_line = self.text.line();
            }
            path.push(part);
            self.text.skip_blanks()?;
            match self.text.next()? {
                '.' => {}
                ']' => break,
                c => {
                    let found = quoted(c);
                    let what = format!("expected '.' or ']' to end table name, but got {found} instead");
                    return self.text.fail(what);
                }
            }
        }
        if array {
            let c = self.text.next()?;
            if c != ']' {
                let found = quoted(c);
                let what = format!("expected end of table array name delimiter ']', but got {found} instead");
                return self.text.fail(what);
            }
        }
        self.open(&path, array)
    }

    /// A bare or quoted part of a key. A bare one may be empty: what follows is the error then.
    fn key_part(&mut self) -> Result<String, Fault> {
        let c = self.text.peek()?;
        if c == '"' || c == '\'' {
            self.text.next()?;
            return string(&mut self.text, c, self.newer);
        }
        let start = self.text.at();
        self.text.skip(is_bare)?;
        Ok(self.text.since(start))
    }

    /// `a.b = value`, in the open table. The key in parts, and the value.
    fn key_value(&mut self) -> Result<(Path, Value), Fault> {
        self.text.skip_blanks()?;
        match self.text.peek()? {
            '=' | END => return self.text.fail("unexpected '=': key name appears blank"),
            '.' => return self.text.fail("unexpected '.': keys cannot start with a '.'"),
            _ => {}
        }
        let mut path = Path::new();
        loop {
            self.text.skip_blanks()?;
            match self.text.peek()? {
                '=' | END if !path.is_empty() => {
                    self.text.next()?;
                    return self.text.fail("unexpected '='");
                }
                '.' if !path.is_empty() => return self.text.fail("unexpected '.'"),
                _ => {}
            }
            let part = self.key_part()?;
            if path.is_empty() {
                self.key_line = self.text.line();
            }
            path.push(part);
            self.text.skip_blanks()?;
            match self.text.next()? {
                '.' => {}
                '=' => break,
                END => return self.text.fail("unexpected EOF; expected key separator '='"),
                c => {
                    return self
                        .text
                        .fail_at(c, format!("expected '.' or '=', but got {} instead", quoted(c)));
                }
            }
        }
        let outer = self.context.clone();
        let parts = path.clone();
        self.key = path.pop().unwrap_or_default();
        for part in path {
            let mut inner = self.context.clone();
            inner.push(part);
            self.implicit.insert(inner.clone());
            self.open(&inner, false)?;
        }
        let value = self.value(false)?;
        let key = self.key.clone();
        let is_list = matches!(value.kind, Kind::List(_));
        self.set(&key, Node::Value(value.clone()))?;
        let full = [&self.context[..], &[key]].concat();
        if is_list {
            self.arrays.insert(full)
        } else {
            self.arrays.remove(&full)
        };
        self.context = outer;
        self.key.clear();
        Ok((parts, value))
    }

    fn value(&mut self, in_array: bool) -> Result<Value, Fault> {
        self.text.skip_blanks()?;
        if self.context.len() > MOST_LEVELS {
            return self.text.fail(super::TOO_DEEP);
        }
        match self.text.peek()? {
            '[' => self.array(),
            '{' => self.inline_table(in_array),
            _ => scalar(&mut self.text, self.newer),
        }
    }

    fn skip_lines_and_comments(&mut self) -> Result<(), Fault> {
        loop {
            self.text.skip(|c| matches!(c, ' ' | '\t' | '\r' | '\n'))?;
            if self.text.peek()? != '#' {
                return Ok(());
            }
            self.comment()?;
        }
    }

    fn array(&mut self) -> Result<Value, Fault> {
        self.text.next()?;
        let mut path = self.context.clone();
        path.push(self.key.clone());
        self.arrays.insert(path);
        let mut items = Vec::new();
        loop {
            self.skip_lines_and_comments()?;
            match self.text.peek()? {
                ',' => {
                    self.text.next()?;
                    return self.text.fail("unexpected comma");
                }
                ']' => break,
                _ => items.push(self.value(true)?),
            }
            if items.len() > 1_000_000 {
                return self.text.fail("too many items");
            }
            self.skip_lines_and_comments()?;
            match self.text.next()? {
                ',' => {}
                ']' => return Ok(Value::list(items)),
                c => {
                    let found = or_end(c);
                    let what = format!("expected a comma (',') or array terminator (']'), but got {found}");
                    return self.text.fail(what);
                }
            }
        }
        self.text.next()?;
        Ok(Value::list(items))
    }

    /// Blanks, and in TOML 1.1 line ends and comments.
    fn skip_in_inline_table(&mut self) -> Result<(), Fault> {
        self.text.skip_blanks()?;
        match self.text.peek()? {
            '\r' | '\n' | '#' if self.newer => self.skip_lines_and_comments(),
            '\r' | '\n' => {
                self.text.next()?;
                self.text.fail_before_break("newlines not allowed within inline tables")
            }
            '#' => self.comment(),
            _ => Ok(()),
        }
    }

    fn inline_table(&mut self, in_array: bool) -> Result<Value, Fault> {
        self.text.next()?;
        let (outer_context, outer_key) = (self.context.clone(), std::mem::take(&mut self.key));
        let mut path = outer_context.clone();
        path.push(outer_key.clone());
        self.context.clone_from(&path);
        self.implicit.insert(path.clone());
        self.open(&path, in_array)?;
        let mut table = Table::new();
        loop {
            self.skip_in_inline_table()?;
            match self.text.peek()? {
                ',' => {
                    self.text.next()?;
                    return self.text.fail("unexpected comma");
                }
                '}' => break,
                _ => {}
            }
            let (parts, value) = self.key_value()?;
            self.context.clone_from(&path);
            // Errors that follow name the last key still.
            self.key = parts.last().cloned().unwrap_or_default();
            place(&mut table, &parts, value);
            self.skip_in_inline_table()?;
            match self.text.next()? {
                ',' => {
                    self.text.skip_blanks()?;
                    if self.text.peek()? == '}' && !self.newer {
                        return self.text.fail("trailing comma not allowed in inline tables");
                    }
                }
                '}' => return Ok(self.close_inline_table(outer_context, outer_key, table)),
                c => {
                    let found = or_end(c);
                    let what = format!(
                        "expected a comma or an inline table terminator '}}', but got {found} instead"
                    );
                    return self.text.fail(what);
                }
            }
        }
        self.text.next()?;
        Ok(self.close_inline_table(outer_context, outer_key, table))
    }

    fn close_inline_table(&mut self, context: Path, key: String, table: Table) -> Value {
        self.context = context;
        self.key = key;
        to_value(Node::Table(table))
    }

    fn double<T>(&self, message: String) -> Result<T, Fault> {
        Err(Fault { line: self.key_line, message })
    }

    /// Opens the table at `path`, or one more of an array of tables; those above it are made as needed.
    fn open(&mut self, path: &[String], array: bool) -> Result<(), Fault> {
        let Some((last, parents)) = path.split_last() else { return Ok(()) };
        for end in 1..=parents.len() {
            let known = descend(&mut self.root, &parents[..end - 1])
                .map(|table| table.contains_key(&parents[end - 1]));
            match known {
                Some(true) => {}
                Some(false) => {
                    self.implicit.insert(parents[..end].to_vec());
                    if let Some(table) = descend(&mut self.root, &parents[..end - 1]) {
                        table.insert(parents[end - 1].clone(), Node::Table(Table::new()));
                    }
                }
                None => break,
            }
            if descend(&mut self.root, &parents[..end]).is_none() {
                let name = path_text(&parents[..end]);
                return self.double(format!("Key '{name}' was already created as a hash."));
            }
        }
        self.context = parents.to_vec();
        if array {
            let Some(table) = descend(&mut self.root, parents) else { return Ok(()) };
            let node = table.entry(last.clone()).or_insert_with(|| Node::Tables(Vec::new()));
            let Node::Tables(tables) = node else {
                let name = path_text(path);
                let what = format!("Key '{name}' was already created and cannot be used as an array.");
                return self.double(what);
            };
            tables.push(Table::new());
        } else {
            self.set(last, Node::Table(Table::new()))?;
        }
        self.context.push(last.clone());
        Ok(())
    }

    /// Sets a key of the open table. A table that was implied may be named once.
    fn set(&mut self, key: &str, node: Node) -> Result<(), Fault> {
        for end in 1..=self.context.len() {
            if descend(&mut self.root, &self.context[..end]).is_none() {
                let name = path_text(&self.context[..end]);
                return self.double(format!("Key '{name}' has already been defined."));
            }
        }
        let path = [&self.context[..], &[key.to_owned()]].concat();
        let Some(table) = descend(&mut self.root, &self.context) else { return Ok(()) };
        if !table.contains_key(key) {
            table.insert(key.to_owned(), node);
            return Ok(());
        }
        let implicit = self.implicit.remove(&path);
        if self.arrays.contains(&path) && (implicit || !self.newer) {
            table.insert(key.to_owned(), node);
            return Ok(());
        }
        if implicit {
            return Ok(());
        }
        self.double(format!("Key '{}' has already been defined.", path_text(&path)))
    }
}

fn or_end(c: char) -> String {
    if c == END { "end of file".to_owned() } else { format!("'{c}'") }
}

/// The table at a path, the last one of arrays of tables.
fn descend<'t>(root: &'t mut Table, path: &[String]) -> Option<&'t mut Table> {
    let mut table = root;
    for key in path {
        table = match table.get_mut(key)? {
            Node::Table(table) => table,
            Node::Tables(tables) => tables.last_mut()?,
            Node::Value(_) => return None,
        };
    }
    Some(table)
}

/// Puts a value into the copy of an inline table that becomes an item of an array.
fn place(table: &mut Table, parts: &[String], value: Value) {
    let Some((last, parents)) = parts.split_last() else { return };
    let mut inner = table;
    for part in parents {
        match inner.entry(part.clone()).or_insert_with(|| Node::Table(Table::new())) {
            Node::Table(table) => inner = table,
            _ => return,
        }
    }
    inner.insert(last.clone(), Node::Value(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        read_toml(text.as_bytes(), Helm::V4_3).map_or_else(
            |error| error,
            |value| {
                let text = crate::template::print::display(&value).expect("shallow");
                String::from_utf8_lossy(&text).into_owned()
            },
        )
    }

    #[test]
    fn documents_are_read() {
        for (text, expected) in [
            (
                "a = 1\nb.c = 'x'\n[t]\nd = [1, 2.5]\n[[l]]\ne=1\n[[l]]",
                "map[a:1 b:map[c:x] l:[map[e:1] map[]] t:map[d:[1 2.5]]]",
            ),
            ("a = [{x = 1}, {y.z = true}]", "map[a:[map[x:1] map[y:map[z:true]]]]"),
            ("a = {x = {y = 1}}\nb = \"\"\"\n\\\n  q\"\"\"", "map[a:map[x:map[y:1]] b:q]"),
            ("[a.b]\n[a]\nc = 1979-05-27", "map[a:map[b:map[] c:1979-05-27 00:00:00 +0000 date-local]]"),
        ] {
            assert_eq!(read(text), expected);
        }
    }

    #[test]
    fn errors_are_those_of_the_library() {
        for (text, error) in [
            ("a = ", "line 1 (last key \"a\"): unexpected EOF; expected value"),
            ("--a--", "line 1: unexpected EOF; expected key separator '='"),
            ("héllo", "line 1: expected '.' or '=', but got 'é' instead"),
            ("a=1\na=2", "line 2 (last key \"a\"): Key 'a' has already been defined."),
            (
                "[x]\ny = [1",
                "line 2 (last key \"x.y\"): expected a comma (',') or array terminator (']'), but got end of file",
            ),
            (
                "a = {x=1 y",
                "line 1 (last key \"a.x\"): expected a comma or an inline table terminator '}', but got 'y' instead",
            ),
            ("a = 01", "line 1 (last key \"a\"): Invalid integer \"01\": cannot have leading zeroes"),
        ] {
            assert_eq!(read(text), format!("toml: {error}"));
        }
    }
}
