//! The functions that Argo CD adds to Sprig's for ApplicationSets (its `applicationset/utils`).

use super::letters::to_lower;
use super::strings::bytes;
use super::words::runes;
use super::{Context, Function};
use crate::template::types::{Signed, Type};
use crate::template::value::{Kind, Value};
use bstr::ByteSlice;

/// Argo CD's own functions; those of YAML are [`super::yaml::ARGO_CD`].
pub const TABLE: &[Function] = &[
    Function::new("normalize", &[Type::String], |_, a| Ok(sanitize_name(bytes(&a[0])).into())),
    Function::variadic("slugify", &[Type::Interface], slugify),
];

/// `SanitizeName`: a name for DNS, of at most 253 characters. What can't stand there becomes `-`.
fn sanitize_name(name: &[u8]) -> Vec<u8> {
    let allowed = |c: &char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    let clean: String = runes(name).map(to_lower).map(|c| if allowed(&c) { c } else { '-' }).collect();
    let clean = &clean[..clean.len().min(253)];
    clean.trim_matches(['-', '.']).into()
}

/// `SlugifyName`: at most `size` characters, cut after a word if `smart`. The name comes last.
fn slugify(_: &mut Context, a: &[Value]) -> Result<Value, String> {
    let Some((name, options)) = a.split_last() else { return Ok("".into()) };
    let wrong = |value: &Value, wanted: &str| {
        let found = if value.is_nil() { "nil".to_owned() } else { value.type_name() };
        format!("interface conversion: interface {{}} is {found}, not {wanted}")
    };
    let size = match options.first().map(|size| (size, &size.kind)) {
        None => 50,
        Some((_, Kind::Int(size, Signed::Int))) => *size,
        Some((size, _)) => return Err(wrong(size, "int")),
    };
    let smart = match options.get(1).map(|smart| (smart, &smart.kind)) {
        None => true,
        Some((_, Kind::Bool(smart))) => *smart,
        Some((smart, _)) => return Err(wrong(smart, "bool")),
    };
    let Some(name) = name.as_string() else { return Err(wrong(name, "string")) };
    let mut slug = sanitize_name(name);
    if !smart && slug.len() as i64 >= size {
        if size < 0 {
            return Err(format!("runtime error: slice bounds out of range [:{size}]"));
        }
        slug.truncate(size as usize);
    }
    // Of the name only points are left to be replaced.
    let words = slug.split(|byte| matches!(byte, b'.' | b'-')).filter(|word| !word.is_empty());
    let slug = words.collect::<Vec<_>>().join(&b'-');
    if !smart || size <= 0 || slug.len() as i64 <= size {
        return Ok(slug.into());
    }
    let size = size as usize;
    let end = slug[..=size].rfind_byte(b'-').unwrap_or(size);
    Ok(slug[..end].into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::Profile;

    #[test]
    fn slugs_end_after_words() {
        let slug = |size: i64, smart: bool, name: &str| {
            let mut context = Context::new(Profile::default());
            slugify(&mut context, &[Value::int(size), smart.into(), name.into()])
                .map(|slug| slug.text().into_owned())
        };
        assert_eq!(slug(23, true, "a long-feature-branch-name"), Ok("a-long-feature-branch".to_owned()));
        assert_eq!(slug(10, true, "a long-feature-branch-name"), Ok("a-long".to_owned()));
        assert_eq!(slug(10, false, "a long-feature-branch-name"), Ok("a-long-fea".to_owned()));
        assert_eq!(slug(50, true, "A.b_c  d--e"), Ok("a-b-c-d-e".to_owned()));
    }
}
