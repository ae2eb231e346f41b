//! Bytes that should be text.

use alloc::string::String;

/// The text that these bytes are. The standard library's check would come on top of its
/// [`utf8_chunks`](slice::utf8_chunks), and is as large.
pub fn text(bytes: &[u8]) -> Option<&str> {
    match bytes.utf8_chunks().next() {
        Some(chunk) => chunk.invalid().is_empty().then(|| chunk.valid()),
        None => Some(""),
    }
}

/// The text that these bytes are, with a mark in place of those that are none.
pub fn lossy(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(char::REPLACEMENT_CHARACTER);
        }
    }
    text
}
