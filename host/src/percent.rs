//! Percent-encoding, undone: what has no reading is refused.

/// The text that `encoded` stands for; nothing where a `%` is not followed by two hexadecimal digits, or
/// where the bytes are no UTF-8.
pub(crate) fn decode(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

fn digit(byte: Option<u8>) -> Option<u8> {
    let digit = char::from(byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_can_be_encoded_and_what_is_not_well_formed_has_no_reading() {
        for (encoded, text) in [
            ("", Some("")),
            ("a-b", Some("a-b")),
            ("%41%c3%BC%25", Some("A\u{fc}%")),
            ("%", None),
            ("%4", None),
            ("%+1", None),
            ("%zz", None),
            ("%ff", None),
        ] {
            assert_eq!(decode(encoded).as_deref(), text, "{encoded}");
        }
    }
}
