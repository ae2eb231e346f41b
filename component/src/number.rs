//! Numbers as text, in and out: no signs, no alignment, no other options.
//!
//! The standard library's have them all, at more than a kilobyte of `epicac.wasm`.

use core::fmt::{self, Write};

/// Parses a decimal number without sign and leading zeros.
pub fn parse_decimal(digits: &[u8]) -> Option<u16> {
    if digits.is_empty() || digits.len() > 1 && digits.starts_with(b"0") {
        return None;
    }
    digits.iter().try_fold(0_u16, |value, digit| {
        let digit = char::from(*digit).to_digit(10)?;
        value.checked_mul(10)?.checked_add(digit as u16)
    })
}

/// Displays a number as people write it.
pub fn decimal(value: impl Into<u64>) -> Number {
    Number {
        value: value.into(),
        base: 10,
        digits: 1,
    }
}

/// Displays a number.
pub struct Number {
    /// The number.
    pub value: u64,
    /// 10 or 16.
    pub base: u32,
    /// At least how many digits.
    pub digits: u8,
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base = u64::from(self.base);
        let before = Self {
            value: self.value / base,
            digits: self.digits.saturating_sub(1),
            ..*self
        };
        if before.value > 0 || before.digits > 0 {
            before.fmt(f)?;
        }
        let last = (self.value % base) as u32;
        f.write_char(char::from_digit(last, self.base).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_sign_a_leading_zero_and_what_is_too_large_are_refused() {
        for (text, expected) in [
            ("0", Some(0)),
            ("8080", Some(8_080)),
            ("65535", Some(u16::MAX)),
            ("65536", None),
            ("70000", None),
            ("080", None),
            ("00", None),
            ("+80", None),
            ("-1", None),
            ("8f", None),
            (" 1", None),
            ("", None),
        ] {
            assert_eq!(parse_decimal(text.as_bytes()), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn a_number_is_displayed_as_the_standard_library_does(value in any::<u64>(), shift in 0..64_u32) {
            let value = value >> shift;
            prop_assert_eq!(decimal(value).to_string(), value.to_string());
            let (base, digits) = (16, 1);
            prop_assert_eq!(Number { value, base, digits }.to_string(), format!("{value:x}"));
            let (base, digits) = (10, 4);
            prop_assert_eq!(Number { value, base, digits }.to_string(), format!("{value:04}"));
        }
    }
}
