//! IP addresses as the host of a URI spells them, in and out.
//!
//! The standard library's would be a twelfth of `epicac.wasm`. It stays the measure: the tests hold this
//! module against it.

use core::fmt;
use core::net::{Ipv4Addr, Ipv6Addr};

use crate::number::{Number, parse_decimal};

/// Parses a strict dotted quad: four decimal numbers without leading zeros.
pub fn parse_ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut slots = octets.iter_mut();
    for part in text.as_bytes().split(|byte| *byte == b'.') {
        *slots.next()? = u8::try_from(parse_decimal(part)?).ok()?;
    }
    slots.next().is_none().then(|| octets.into())
}

/// Parses eight groups of hexadecimal digits, where one `::` may stand for one or more groups of zero.
/// The spelling that ends in a dotted quad is not taken.
pub fn parse_ipv6(text: &str) -> Option<Ipv6Addr> {
    let text = text.as_bytes();
    let mut segments = [0; 8];
    let mut slots = segments.iter_mut();
    match text.windows(2).position(|pair| pair == b"::") {
        None => {
            fill(&mut slots, text.split(is_colon))?;
            if slots.next().is_some() {
                return None;
            }
        }
        Some(gap) => {
            let (before, after) = (text.get(..gap)?, text.get(gap + 2..)?);
            if !before.is_empty() {
                fill(&mut slots, before.split(is_colon))?;
            }
            if !after.is_empty() {
                fill(slots.by_ref().rev(), after.rsplit(is_colon))?;
            }
            // At least one group is left for the `::` to stand for.
            slots.next()?;
        }
    }
    Some(segments.into())
}

/// Displays an IPv6 address as RFC 5952 has it: in lower case, without leading zeros, the longest run
/// of two or more groups of zero, or the first of them, as `::`.
pub struct Canonical<'a>(pub &'a Ipv6Addr);

impl fmt::Display for Canonical<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let segments = self.0.segments();
        let (gap, length) = longest_run_of_zeros(&segments);
        let mut separator = "";
        for (index, segment) in segments.into_iter().enumerate() {
            if length > 1 && (gap..gap + length).contains(&index) {
                separator = "::";
                continue;
            }
            f.write_str(separator)?;
            let number = Number {
                value: segment.into(),
                base: 16,
                digits: 1,
            };
            number.fmt(f)?;
            separator = ":";
        }
        if separator == "::" {
            f.write_str(separator)
        } else {
            Ok(())
        }
    }
}

fn is_colon(byte: &u8) -> bool {
    *byte == b':'
}

/// Puts each group into the next slot; nothing if there are not enough.
fn fill<'s, 'g>(
    mut slots: impl Iterator<Item = &'s mut u16>,
    mut groups: impl Iterator<Item = &'g [u8]>,
) -> Option<()> {
    groups.try_for_each(|group| {
        *slots.next()? = segment(group)?;
        Some(())
    })
}

fn segment(digits: &[u8]) -> Option<u16> {
    if !(1..=4).contains(&digits.len()) {
        return None;
    }
    digits.iter().try_fold(0, |value, digit| {
        Some(value << 4 | char::from(*digit).to_digit(16)? as u16)
    })
}

/// Where the longest run begins, and how many groups it has.
fn longest_run_of_zeros(segments: &[u16; 8]) -> (usize, usize) {
    let (mut longest, mut run) = ((0, 0), (0, 0));
    for (index, segment) in segments.iter().enumerate() {
        if *segment != 0 {
            run = (index + 1, 0);
        } else {
            run.1 += 1;
            if run.1 > longest.1 {
                longest = run;
            }
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The standard library's reading, but for the spelling that ends in a dotted quad.
    fn ipv6(text: &str) -> Option<Ipv6Addr> {
        text.parse().ok().filter(|_| !text.contains('.'))
    }

    #[test]
    fn every_spelling_of_an_ipv6_address_is_read_as_the_standard_library_does() {
        for text in [
            "",
            ":",
            "::",
            ":::",
            "::1",
            "1::",
            "1:",
            ":1",
            "1:::1",
            "1::1::1",
            "fd00:ec2::23",
            "FD00:0EC2:0:0:0:0:0:0023",
            "1:2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7::",
            "::2:3:4:5:6:7:8",
            "1:2:3:4:5:6:7:8::",
            "::1:2:3:4:5:6:7:8",
            "1:2:3::4:5:6:7:8",
            "1:2:3:4:5:6:7",
            "1:2:3:4:5:6:7:8:9",
            "12345::",
            "::g",
            "::+1",
            "::1%0",
            "::1.2.3.4",
            "1:2::\u{e9}",
        ] {
            assert_eq!(parse_ipv6(text), ipv6(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn ipv6_is_read_as_the_standard_library_does(text in "([0-9a-fA-F]{0,5}:){0,8}:?[0-9a-f]{0,4}") {
            prop_assert_eq!(parse_ipv6(&text), ipv6(&text));
        }

        #[test]
        fn ipv4_is_read_as_the_standard_library_does(
            text in "([0-9]{0,4}|25[0-9])(\\.([0-9]{1,3}|25[0-9]|\\+1)){2,4}",
        ) {
            prop_assert_eq!(parse_ipv4(&text), text.parse().ok());
        }

        /// But for v4-mapped ones, which [`crate::Host`] never holds.
        #[test]
        fn ipv6_is_displayed_as_the_standard_library_does_and_read_back(
            segments in proptest::array::uniform8(prop_oneof![Just(0_u16), 0..=0x20_u16, any::<u16>()]),
        ) {
            let address = Ipv6Addr::from(segments);
            prop_assume!(address.to_ipv4_mapped().is_none());
            let text = Canonical(&address).to_string();
            prop_assert_eq!(&text, &address.to_string());
            prop_assert_eq!(parse_ipv6(&text), Some(address));
        }
    }
}
