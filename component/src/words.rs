//! Bytes, looked at eight at a time: a token has a thousand of them, and where each is looked at alone, each
//! costs some twenty instructions.

/// Where the first byte stands that is less than a space, or one of these two.
pub fn position_of_control_or(these: [u8; 2], bytes: &[u8]) -> Option<usize> {
    let [this, that] = these.map(repeated);
    let mut skipped = 0;
    for word in bytes.as_chunks().0 {
        let word = u64::from_le_bytes(*word);
        if less_than(b' ', word) | less_than(1, word ^ this) | less_than(1, word ^ that) != 0 {
            break;
        }
        skipped += size_of_val(&word);
    }
    let is_wanted = |byte: &u8| *byte < b' ' || these.contains(byte);
    let position = bytes.get(skipped..)?.iter().position(is_wanted)?;
    Some(skipped + position)
}

/// Not zero if any byte of `word` is less than `byte`, which is at most 0x80.
fn less_than(byte: u8, word: u64) -> u64 {
    word.wrapping_sub(repeated(byte)) & !word & repeated(0x80)
}

fn repeated(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_byte_is_found_that_is_found_one_by_one(
            bytes in prop::collection::vec(prop_oneof![any::<u8>(), b' '..=b'#'], 0..40),
            these in prop_oneof![any::<[u8; 2]>(), Just([b'"', b'a'])],
        ) {
            let is_wanted = |byte: &u8| *byte < b' ' || these.contains(byte);
            prop_assert_eq!(
                position_of_control_or(these, &bytes),
                bytes.iter().position(is_wanted)
            );
        }
    }
}
