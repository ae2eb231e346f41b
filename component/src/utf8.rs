//! Bytes that should be text.

use alloc::string::String;

/// The text that these bytes are, with a mark in place of those that are none: as the standard library's
/// `from_utf8_lossy`, which brings a second check of its own along.
pub fn lossy(mut bytes: &[u8]) -> String {
    let mut text = String::new();
    loop {
        let error = match str::from_utf8(bytes) {
            Ok(rest) => {
                text.push_str(rest);
                return text;
            }
            Err(error) => error,
        };
        let (valid, rest) = bytes
            .split_at_checked(error.valid_up_to())
            .unwrap_or_default();
        text.push_str(str::from_utf8(valid).unwrap_or_default());
        text.push(char::REPLACEMENT_CHARACTER);
        let invalid = error.error_len().unwrap_or(rest.len());
        bytes = rest.get(invalid..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_what_the_standard_library_makes_of_it(
            pieces in prop::collection::vec(
                prop_oneof![
                    any::<char>().prop_map(|character| character.to_string().into_bytes()),
                    prop::collection::vec(0x80_u8.., 0..4),
                ],
                0..12,
            ),
        ) {
            let bytes = pieces.concat();
            prop_assert_eq!(lossy(&bytes), String::from_utf8_lossy(&bytes));
        }
    }
}
