//! Decimal numbers of any precision, as shopspring/decimal v1.4 calculates with them.

use num_bigint::{BigInt, Sign};

/// Digits after the point of a quotient (`decimal.DivisionPrecision`).
const DIVISION_PRECISION: i64 = 16;

/// `value * 10^exponent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decimal {
    value: BigInt,
    exponent: i64,
}

fn power_of_ten(exponent: i64) -> BigInt {
    // Exponents come from floats and a fixed precision: a few thousand at most.
    BigInt::from(10).pow(exponent.clamp(0, 100_000) as u32)
}

impl Decimal {
    /// The shortest decimal number that reads back as the float. Fails as Go panics: there is none for
    /// infinities and NaN.
    pub fn from_float(number: f64) -> Result<Self, String> {
        if !number.is_finite() {
            return Err(format!("Cannot create a Decimal from {}", crate::value::go_float(number)));
        }
        let mut buffer = ryu::Buffer::new();
        let text = buffer.format_finite(number);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let fraction = fraction.trim_end_matches('0');
        let digits = format!("{whole}{fraction}");
        let value = digits.parse().unwrap_or_default();
        let exponent = exponent.parse::<i64>().unwrap_or_default() - fraction.len() as i64;
        Ok(Self { value, exponent })
    }

    /// The nearest float.
    pub fn to_float(&self) -> f64 {
        // Rust reads decimal texts exactly. What is too big is an infinity in both.
        let number: f64 = format!("{}e{}", self.value, self.exponent).parse().unwrap_or(f64::NAN);
        if number == 0.0 && self.value.sign() != Sign::Minus { 0.0 } else { number }
    }

    /// Both numbers' values at the smaller exponent, and that exponent.
    fn aligned(&self, other: &Self) -> (BigInt, BigInt, i64) {
        let exponent = self.exponent.min(other.exponent);
        let at = |number: &Self| &number.value * power_of_ten(number.exponent - exponent);
        (at(self), at(other), exponent)
    }

    /// The sum.
    #[must_use]
    pub fn add(&self, other: &Self) -> Self {
        let (one, other, exponent) = self.aligned(other);
        Self { value: one + other, exponent }
    }

    /// The difference.
    #[must_use]
    pub fn subtract(&self, other: &Self) -> Self {
        let (one, other, exponent) = self.aligned(other);
        Self { value: one - other, exponent }
    }

    /// The product.
    #[must_use]
    pub fn multiply(&self, other: &Self) -> Self {
        Self { value: &self.value * &other.value, exponent: self.exponent + other.exponent }
    }

    /// The quotient to 16 digits after the point, halves away from zero. Fails on division by zero.
    pub fn divide(&self, other: &Self) -> Result<Self, String> {
        if other.value.sign() == Sign::NoSign {
            return Err("decimal division by 0".to_owned());
        }
        let shift = self.exponent - other.exponent + DIVISION_PRECISION;
        let numerator = &self.value * power_of_ten(shift);
        let denominator = &other.value * power_of_ten(-shift);
        let quotient = &numerator / &denominator;
        let rest = &numerator - &quotient * &denominator;
        let away = if numerator.sign() == denominator.sign() { 1 } else { -1 };
        let up = (rest.magnitude() * 2_u32) >= *denominator.magnitude();
        let value = if up { quotient + away } else { quotient };
        Ok(Self { value, exponent: -DIVISION_PRECISION })
    }
}

#[cfg(test)]
mod tests {
    use super::Decimal;

    fn number(float: f64) -> Decimal {
        Decimal::from_float(float).expect("finite")
    }

    #[test]
    fn tenths_add_up() {
        assert_eq!(number(0.1).add(&number(0.2)).to_float(), 0.3);
        assert_eq!(number(1e308).add(&number(5e-324)).to_float(), 1e308);
        assert_eq!(number(1.1).multiply(&number(3.0)).to_float(), 3.3);
        assert_eq!(number(-0.0).to_float().to_bits(), 0);
    }

    #[test]
    fn quotients_have_sixteen_digits() {
        assert_eq!(number(2.0).divide(&number(3.0)).map(|n| n.to_float()), Ok(0.666_666_666_666_666_7));
        assert_eq!(number(-1.0).divide(&number(8e16)).map(|n| n.to_float()), Ok(0.0));
        assert_eq!(number(-1.0).divide(&number(1e16)).map(|n| n.to_float()), Ok(-1e-16));
        assert!(number(1.0).divide(&number(0.0)).is_err());
    }
}
