//! Numbers as golang.org/x/text writes them in English: `1,234`, `1.5`, `1.2×10⁰⁷`.

/// A count (`%d`).
pub fn count(count: usize) -> String {
    grouped(&count.to_string())
}

/// A double (`%v`): as a decimal up to six digits before the point.
pub fn double(number: f64) -> String {
    let scientific = format!("{:e}", number.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let sign = if number < 0.0 { "-" } else { "" };
    if !(-4..6).contains(&exponent) && number != 0.0 {
        let digits = format!("{:02}", exponent.unsigned_abs());
        let raised: String = digits.chars().map(superscript).collect();
        let minus = if exponent < 0 { "⁻" } else { "" };
        return format!("{sign}{mantissa}×10{minus}{raised}");
    }
    let plain = number.abs().to_string();
    match plain.split_once('.') {
        Some((whole, fraction)) => format!("{sign}{}.{fraction}", grouped(whole)),
        None => format!("{sign}{}", grouped(&plain)),
    }
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn superscript(digit: char) -> char {
    match digit {
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        '4' => '⁴',
        '5' => '⁵',
        '6' => '⁶',
        '7' => '⁷',
        '8' => '⁸',
        '9' => '⁹',
        _ => '⁰',
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_english() {
        let written = [0.0, -1.0, 1.5, 100.0, 123_456.0, 1_234_567.0, 1.234_567_890_123_456_7e19, -0.000_01]
            .map(double);
        let expected =
            ["0", "-1", "1.5", "100", "123,456", "1.234567×10⁰⁶", "1.2345678901234567×10¹⁹", "-1×10⁻⁰⁵"];
        assert_eq!(written, expected);
        assert_eq!(count(1_234_567), "1,234,567");
    }
}
