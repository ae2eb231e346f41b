//! What is shown of a text from outside: `behaviour.md` §2 and §4.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::printable::{Line, excerpt_without, printable};
use epicac_component::{Secret, Token};
use proptest::prelude::*;

fn excerpt(text: &str, token: Option<&Token>) -> String {
    excerpt_without(text, token.map(Token::expose).as_slice())
}

fn token(text: &str) -> Token {
    Token::from_variable(&Secret::new(text)).unwrap()
}

#[test]
fn a_text_becomes_one_line_without_control_characters() {
    for (text, expected) in [
        ("Access Denied\n", "Access Denied"),
        ("a\r\nb\tc", "a b c"),
        ("\x1b[31mred\x07\x7f\u{9b}0m", "[31mred0m"),
        ("a\u{2028}b\u{202e}c\u{200b}d\u{2066}e\u{feff}f", "abcdef"),
        ("a\u{ad}b\u{34f}c\u{3164}d\u{fe0f}e\u{e0041}f", "abcdef"),
        ("a\u{a0}b\u{3000}c", "a b c"),
        (
            "Zugriff verweigert: Schlüssel ungültig",
            "Zugriff verweigert: Schlüssel ungültig",
        ),
        (" \n\n ", ""),
    ] {
        assert_eq!(excerpt(text, None), expected, "{text:?}");
    }
}

#[test]
fn at_most_512_characters_are_shown() {
    assert_eq!(excerpt(&"ü".repeat(600), None).chars().count(), 512);
    assert_eq!(Line(&"ü".repeat(600)).to_string().chars().count(), 512);
}

#[test]
fn the_token_is_redacted_before_the_cut_and_after_control_characters_are_gone() {
    let jwt = token("eyJhbGci.eyJzdWIi.c2ln");
    assert_eq!(
        excerpt("bad token eyJhbGci.eyJzdWIi.c2ln, sorry", Some(&jwt)),
        "bad token [redacted], sorry"
    );
    assert_eq!(
        excerpt("eyJhb\rGci.eyJz\0dWIi.c2ln", Some(&jwt)),
        "[redacted]"
    );
    for broken in [
        "eyJhbGci.\r\neyJzdWIi.\r\nc2ln",
        "eyJhbGci\n\t.eyJ zdWIi.c2ln",
        "eyJhbGci\u{2003}.eyJ\u{a0}zdWIi.c2ln",
        "eyJhb\u{ad}Gci.\u{34f}eyJz\u{3164}dWIi.\u{fe0f}c2\u{e0041}ln",
    ] {
        assert_eq!(excerpt(broken, Some(&jwt)), "[redacted]", "{broken:?}");
    }
    assert_eq!(excerpt("eyJhbGci.eyJzdW", Some(&jwt)), "eyJhbGci.eyJzdW");
    let across_the_cut = format!("{}eyJhbGci.eyJzdWIi.c2ln", "x".repeat(505));
    assert!(excerpt(&across_the_cut, Some(&jwt)).ends_with("x[redact"));
    assert_eq!(excerpt("  a ", Some(&token(" a "))), "[redacted]");
}

#[test]
fn an_escaped_secret_is_redacted_too() {
    let basic = token("TOKENSECRET.aa/bb+cc==");
    for escaped in [
        r"TOKENSECRET.aa\/bb\u002bcc\u003d\u003d",
        r"TOKENSECRET.aa\\\/bb\\u002Bcc\\u003D\\u003D",
        r"\u0054OKENSECRET.aa/bb+cc==",
        "TOKENSECRET.aa&#x2F;bb&#43;cc&#61;&#x3D;",
        "TOKENSECRET.aa%2Fbb%252Bcc%3d=",
    ] {
        let body = format!(r#"{{"err":"{escaped}"}}"#);
        let shown = excerpt(&body, Some(&basic));
        assert_eq!(shown, r#"{"err":"[redacted]"}"#, "{escaped}");
    }
    let quoted = token(r#"a"b\c\/d"#);
    for text in [r#"<a"b\c\/d>"#, r#"<a\"b\\c\\\/d>"#] {
        assert_eq!(excerpt(text, Some(&quoted)), "<[redacted]>", "{text}");
    }
    // What is no escape, or that of another character, stays.
    for text in [r"\u20ac \x \u00 %zz &#1234; &amp; \", "é%", "%+1 &#;"] {
        assert_eq!(excerpt(text, Some(&basic)), text);
    }
}

#[test]
fn a_part_of_a_secret_is_redacted_from_sixteen_characters_on() {
    let jwt = token("eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzYSJ9.c2lnbmF0dXJl_abc-def");
    for part in [
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzYSJ9.c2lnbmF0dXJl_abc-",
        "eyJhbGciOiJSUzI1NiJ9",
        "eyJzdWIiOiJzYSJ9",
        "c2lnbmF0dXJl_abc-def",
        "JhbGciOiJSUzI1Ni",
    ] {
        let shown = excerpt(&format!("<{part}> is invalid"), Some(&jwt));
        assert_eq!(shown, "<[redacted]> is invalid");
    }
    let short = "JhbGciOiJSUzI1N";
    assert_eq!(excerpt(short, Some(&jwt)), short);
}

/// The longest token, and the longest body, which repeat one character.
#[test]
fn the_time_does_not_grow_with_what_a_server_repeats() {
    let (secret, text) = ("a".repeat(65_536), "a".repeat(65_536));
    let begin = std::time::Instant::now();
    assert_eq!(excerpt(&text, Some(&token(&secret))), "[redacted]");
    assert!(begin.elapsed().as_secs() < 5, "{:?}", begin.elapsed());
}

#[test]
fn a_text_that_may_hold_credentials_is_withheld() {
    for text in [
        r#"{"SecretAccessKey":"wJalr"}"#,
        r#"secretaccesskey=wJalr"#,
        "SECRET_ACCESS_KEY=wJalr",
        "aws_secret_access_key = wJalr",
        "Secret Access Key: wJalr",
        "session-token: IQoJ",
        "Session\u{a0}Token\u{ad}: IQoJ",
        "Secret\u{200b}Access\nKey SECRETACCESSKEY",
        "<SessionToken>IQoJ</SessionToken>",
        r#"{"x":1,"Token":"IQoJ"}"#,
        r#"{"x":"{\"token\":\"IQoJ\"}"}"#,
    ] {
        assert_eq!(
            excerpt(text, None),
            "(body withheld: it may hold credentials)",
            "{text}"
        );
    }
    for text in [
        "Service account token cannot be empty",
        "Check your AWS Secret Access Key and signing method.",
    ] {
        assert_eq!(excerpt(text, None), text);
    }
}

/// The table equals that of a crate that is generated from Unicode's data.
#[test]
fn what_unicode_has_programs_show_nothing_for_is_left_out() {
    let class = regex_syntax::parse(r"\p{Default_Ignorable_Code_Point}").unwrap();
    let regex_syntax::hir::HirKind::Class(regex_syntax::hir::Class::Unicode(class)) =
        class.into_kind()
    else {
        panic!("not a class");
    };
    let is_ignorable = |c: char| class.iter().any(|it| (it.start()..=it.end()).contains(&c));
    let is_line_end = |c: char| matches!(c, '\u{2028}' | '\u{2029}');
    for c in ('\0'..=char::MAX).filter(|c| !c.is_control()) {
        let is_left_out = printable(c.encode_utf8(&mut [0; 4])).next().is_none();
        assert_eq!(is_left_out, is_ignorable(c) || is_line_end(c), "{c:?}");
    }
}

proptest! {
    #[test]
    fn every_excerpt_is_one_short_printable_line_without_the_token(
        before in ".{0,600}", after in ".{0,600}", secret in "[!-~]{12,40}",
    ) {
        let shown = excerpt(&format!("{before}{secret}{after}"), Some(&token(&secret)));
        prop_assert!(!shown.replace(' ', "").contains(&secret));
        prop_assert!(shown.chars().count() <= 512);
        prop_assert!(printable(&shown).eq(shown.chars()), "{shown:?}");
    }
}
