//! What is read of a JSON object, and what is not JSON: `behaviour.md` §4.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::document::{Document, DocumentError};

fn error(text: &str) -> Option<DocumentError> {
    Document::parse(text).err()
}

#[test]
fn what_is_not_one_json_object_is_told_by_position() {
    assert_eq!(error(""), Some(DocumentError::Truncated));
    assert_eq!(error(r#"{"Token":"abc"#), Some(DocumentError::Truncated));
    assert_eq!(error(r#""text""#), Some(DocumentError::NotAnObject));
    assert_eq!(error("[]"), Some(DocumentError::NotAnObject));
    assert_eq!(error("17"), Some(DocumentError::NotAnObject));
    assert_eq!(
        error("<html>"),
        Some(DocumentError::NotJson { line: 1, column: 1 })
    );
    assert_eq!(
        error("{}\n{}"),
        Some(DocumentError::NotJson { line: 2, column: 1 })
    );
    assert_eq!(
        error("{\"a\":1,}"),
        Some(DocumentError::NotJson { line: 1, column: 8 })
    );
    assert_eq!(error(" {} \r\n"), None);
}

#[test]
fn any_depth_is_skipped_without_recursion() {
    let deep = 60_000;
    assert_eq!(error(&"[".repeat(deep)), Some(DocumentError::Truncated));
    assert_eq!(
        error(&r#"{"a":"#.repeat(deep)),
        Some(DocumentError::Truncated)
    );
    let (open, close) = ("[".repeat(deep), "]".repeat(deep));
    let text = format!(r#"{{"x":{open}{close},"Token":{open}{close}}}"#);
    let document = Document::parse(&text).unwrap();
    assert_eq!(
        document.required("Token"),
        Err(DocumentError::NotAString("Token"))
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
        Err(DocumentError::Repeated("Token"))
    );
    let others = Document::parse(r#"{"x":1,"x":2}"#).unwrap();
    assert_eq!(others.check_unique(), Ok(()));
}

/// Half of a surrogate pair is no text. A name has to be one to be compared; a value that is ignored does not.
#[test]
fn a_value_is_ignored_whatever_it_holds_and_a_name_is_text() {
    let ignored = r#"{"x":"\ud800","Error":{"x":{"x":["\udfff"]}},"Token":"a"}"#;
    assert_eq!(Document::parse(ignored).unwrap().required("Token"), Ok("a"));
    for other in [r#"{"\ud800":1}"#, r#"{"Error":{"\ud800":1}}"#] {
        let error = error(other);
        assert!(
            matches!(error, Some(DocumentError::NotJson { .. })),
            "{error:?}"
        );
    }
}

#[test]
fn strings_are_decoded() {
    let document = Document::parse(r#"{"Token":"\u00e9\/\ud83d\ude00"}"#).unwrap();
    assert_eq!(document.required("Token"), Ok("é/😀"));
    let half_a_pair = error(r#"{"Token":"\ud800"}"#);
    assert!(
        matches!(half_a_pair, Some(DocumentError::NotJson { .. })),
        "{half_a_pair:?}"
    );
}
