//! Go's `unicode` package as far as string functions need it: categories, and case one character for
//! one (Rust's own mappings may give several).

use unicode_general_category::{GeneralCategory as Category, get_general_category as category};

/// `unicode.IsUpper`.
pub fn is_upper(c: char) -> bool {
    category(c) == Category::UppercaseLetter
}

/// `unicode.IsLower`.
pub fn is_lower(c: char) -> bool {
    category(c) == Category::LowercaseLetter
}

/// `unicode.IsTitle`.
pub fn is_title(c: char) -> bool {
    category(c) == Category::TitlecaseLetter
}

/// `unicode.IsLetter`.
pub fn is_letter(c: char) -> bool {
    matches!(
        category(c),
        Category::UppercaseLetter
            | Category::LowercaseLetter
            | Category::TitlecaseLetter
            | Category::ModifierLetter
            | Category::OtherLetter
    )
}

/// `unicode.IsNumber`.
pub fn is_number(c: char) -> bool {
    matches!(category(c), Category::DecimalNumber | Category::LetterNumber | Category::OtherNumber)
}

/// `unicode.IsDigit`.
pub fn is_digit(c: char) -> bool {
    category(c) == Category::DecimalNumber
}

/// `unicode.IsPunct`.
pub fn is_punctuation(c: char) -> bool {
    matches!(
        category(c),
        Category::ConnectorPunctuation
            | Category::DashPunctuation
            | Category::OpenPunctuation
            | Category::ClosePunctuation
            | Category::InitialPunctuation
            | Category::FinalPunctuation
            | Category::OtherPunctuation
    )
}

/// `unicode.ToUpper`.
pub fn to_upper(c: char) -> char {
    let mut full = c.to_uppercase();
    match (full.next(), full.next()) {
        (Some(upper), None) => upper,
        _ => simple_greek_title(c),
    }
}

/// `unicode.ToLower`.
pub fn to_lower(c: char) -> char {
    let mut full = c.to_lowercase();
    match (full.next(), full.next()) {
        (Some(lower), None) => lower,
        // The only one: İ.
        (Some(lower), Some(_)) => lower,
        _ => c,
    }
}

/// `unicode.ToTitle`.
pub fn to_title(c: char) -> char {
    match c {
        '\u{1c4}'..='\u{1c6}' => '\u{1c5}',
        '\u{1c7}'..='\u{1c9}' => '\u{1c8}',
        '\u{1ca}'..='\u{1cc}' => '\u{1cb}',
        '\u{1f1}'..='\u{1f3}' => '\u{1f2}',
        // Georgian has capitals that titles don't use.
        '\u{10d0}'..='\u{10fa}' | '\u{10fd}'..='\u{10ff}' => c,
        _ => to_upper(c),
    }
}

/// Small Greek letters with iota subscript have several capitals in Rust, one in Go.
fn simple_greek_title(c: char) -> char {
    let number = u32::from(c);
    let upper = match number {
        0x1f80..=0x1f87 | 0x1f90..=0x1f97 | 0x1fa0..=0x1fa7 => number + 8,
        0x1fb3 | 0x1fc3 | 0x1ff3 => number + 9,
        _ => number,
    };
    char::from_u32(upper).unwrap_or(c)
}
