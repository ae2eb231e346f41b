//! What is read of a JSON object, and what is not JSON: `behaviour.md` §4.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::document::{Document, DocumentFlaw};

fn flaw(text: &str) -> Option<DocumentFlaw> {
    Document::parse(text).err()
}

#[test]
fn what_is_not_one_json_object_is_told_by_position() {
    assert_eq!(flaw(""), Some(DocumentFlaw::Truncated));
    assert_eq!(flaw(r#"{"Token":"abc"#), Some(DocumentFlaw::Truncated));
    assert_eq!(flaw(r#""text""#), Some(DocumentFlaw::NotAnObject));
    assert_eq!(flaw("[]"), Some(DocumentFlaw::NotAnObject));
    assert_eq!(flaw("17"), Some(DocumentFlaw::NotAnObject));
    assert_eq!(
        flaw("<html>"),
        Some(DocumentFlaw::NotJson { line: 1, column: 1 })
    );
    assert_eq!(
        flaw("{}\n{}"),
        Some(DocumentFlaw::NotJson { line: 2, column: 1 })
    );
    assert_eq!(
        flaw("{\"a\":1,}"),
        Some(DocumentFlaw::NotJson { line: 1, column: 8 })
    );
    assert_eq!(flaw(" {} \r\n"), None);
}

#[test]
fn any_depth_is_skipped_without_recursion() {
    let deep = 60_000;
    assert_eq!(flaw(&"[".repeat(deep)), Some(DocumentFlaw::Truncated));
    assert_eq!(
        flaw(&r#"{"a":"#.repeat(deep)),
        Some(DocumentFlaw::Truncated)
    );
    let (open, close) = ("[".repeat(deep), "]".repeat(deep));
    let text = format!(r#"{{"x":{open}{close},"Token":{open}{close}}}"#);
    let document = Document::parse(&text).unwrap();
    assert_eq!(
        document.required("Token"),
        Err(DocumentFlaw::NotAString("Token"))
    );
}

#[test]
fn names_are_compared_decoded_and_in_their_case() {
    let document = Document::parse(r#"{"T\u006fken":"a","token":"b","TOKEN":"c"}"#).unwrap();
    assert_eq!(document.required("Token"), Ok("a"));
    assert_eq!(document.check_unique(), Ok(()));
}

#[test]
fn a_field_that_comes_twice_is_named() {
    let document = Document::parse(r#"{"Token":"a","Token":"a"}"#).unwrap();
    assert_eq!(
        document.check_unique(),
        Err(DocumentFlaw::Repeated("Token"))
    );
    let others = Document::parse(r#"{"x":1,"x":2}"#).unwrap();
    assert_eq!(others.check_unique(), Ok(()));
}

#[test]
fn strings_are_decoded() {
    let document = Document::parse(r#"{"Token":"\u00e9\/\ud83d\ude00"}"#).unwrap();
    assert_eq!(document.required("Token"), Ok("é/😀"));
    let half_a_pair = flaw(r#"{"Token":"\ud800"}"#);
    assert!(
        matches!(half_a_pair, Some(DocumentFlaw::NotJson { .. })),
        "{half_a_pair:?}"
    );
}
