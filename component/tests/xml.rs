//! Our XML is roxmltree's, as far as it goes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::limits::XML_ELEMENTS;
use epicac_component::sts::xml::Document;
use proptest::prelude::*;

/// The text of the element at this path, of which each name is the first one of its kind.
fn ours(text: &str, path: &[&str]) -> Option<String> {
    let document = Document::parse(text)?;
    let (root, inner) = path.split_first()?;
    let mut node = document.root(root)?;
    for name in inner {
        node = document.children(node, name).next()?;
    }
    document.text(node).map(str::to_owned)
}

fn theirs(text: &str, path: &[&str]) -> Option<String> {
    let document = roxmltree::Document::parse(text).ok()?;
    let mut node = document.root();
    for name in path {
        node = node
            .children()
            .find(|child| child.is_element() && child.tag_name().name() == *name)?;
    }
    let is_leaf = node.children().all(|child| child.is_text());
    is_leaf.then(|| node.text().unwrap_or_default().to_owned())
}

#[test]
fn elements_attributes_and_references_are_read() {
    for (text, expected) in [
        ("<a><b>x</b></a>", Some("x")),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a>\n <b>x</b>\n</a>\n",
            Some("x"),
        ),
        (
            "<a xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><b c='d>' >x</b ></a>",
            Some("x"),
        ),
        (
            "<a><b>1&lt;2&amp;&quot;&apos;&gt;&#65;&#x2f;&#xE9;</b></a>",
            Some("1<2&\"'>A/\u{e9}"),
        ),
        ("<a><b/></a>", Some("")),
        ("<a><b  c = \"d\" /></a>", Some("")),
        ("<a><b></b></a>", Some("")),
        ("<a><c><b>y</b></c><b> x </b></a>", Some(" x ")),
        ("<a><b>x<c/></b></a>", None),
        ("<a><c><b>x</b></c></a>", None),
    ] {
        assert_eq!(ours(text, &["a", "b"]).as_deref(), expected, "{text}");
        assert_eq!(theirs(text, &["a", "b"]).as_deref(), expected, "{text}");
    }
}

#[test]
fn what_is_no_document_is_refused_by_both() {
    for text in [
        "",
        "x",
        "<",
        "<a",
        "<a>",
        "</a>",
        "<a></b>",
        "<a><b></a></b>",
        "<a/><b/>",
        "<a/>x",
        "x<a/>",
        "<a b></a>",
        "<a b=c></a>",
        "<a b=\"c></a>",
        "<a b=\"<\"></a>",
        "<ab=\"c\"/>",
        "<a b=\"c\"d=\"e\"/>",
        "< a/>",
        "<1/>",
        "<a>&</a>",
        "<a>&x;</a>",
        "<a>&lt</a>",
        "<a>&#;</a>",
        "<a>&#x;</a>",
        "<a>&#0;</a>",
        "<a>&#1;</a>",
        "<a>\u{1}</a>",
        "<a>]]></a>",
        "<a>x</a",
        "<?xml version=\"1.0\"",
    ] {
        assert!(Document::parse(text).is_none(), "{text}");
        assert!(roxmltree::Document::parse(text).is_err(), "{text}");
    }
}

/// roxmltree takes some of them for another character.
#[test]
fn a_reference_to_no_character_is_refused() {
    for number in ["xd800", "xDFFF", "x110000", "99999999999", "xfffe", "12"] {
        let text = format!("<a>&#{number};</a>");
        assert!(Document::parse(&text).is_none(), "{text}");
    }
}

/// An entity that is declared could stand for anything; the others only make two readings possible.
#[test]
fn what_sts_never_writes_is_refused() {
    for text in [
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
        "<a><!-- x --></a>",
        "<a><![CDATA[x]]></a>",
        "<a><?x y?></a>",
        "<x:a xmlns:x=\"y\"/>",
    ] {
        assert!(Document::parse(text).is_none(), "{text}");
    }
}

#[test]
fn the_number_of_elements_is_bounded_and_their_depth_costs_nothing() {
    let flat = |count: usize| format!("<a>{}</a>", "<b/>".repeat(count - 1));
    assert!(Document::parse(&flat(XML_ELEMENTS)).is_some());
    assert!(Document::parse(&flat(XML_ELEMENTS + 1)).is_none());
    let deep = |count: usize| "<a>".repeat(count) + &"</a>".repeat(count);
    assert!(Document::parse(&deep(XML_ELEMENTS)).is_some());
    assert!(Document::parse(&deep(9_000)).is_none());
}

/// Documents of the kind that is read, and some that are nearly one.
fn document() -> impl Strategy<Value = String> {
    let text = prop_oneof![
        "[ a-z\u{e9}>\"']{0,4}",
        Just("&amp;".to_owned()),
        Just("&#x41;".to_owned())
    ];
    let leaf = (
        text,
        "[ab]",
        prop_oneof![Just(""), Just(" c=\"d\""), Just(" c='&lt;' ")],
    )
        .prop_map(|(text, name, attributes)| format!("<{name}{attributes}>{text}</{name}>"));
    let inner = leaf.prop_recursive(4, 24, 4, |inner| {
        (proptest::collection::vec(inner, 0..4), "[ab]", "[ x]{0,2}")
            .prop_map(|(inner, name, text)| format!("<{name}>{text}{}</{name}>", inner.join(&text)))
    });
    inner.prop_map(|inner| format!("<a>{inner}</a>"))
}

proptest! {
    #[test]
    fn a_document_is_read_as_roxmltree_reads_it(text in document(), cut in any::<prop::sample::Index>()) {
        for path in [&["a"][..], &["a", "a"], &["a", "b"], &["a", "a", "b"], &["a", "b", "b"]] {
            prop_assert_eq!(ours(&text, path), theirs(&text, path), "{}", text);
        }
        let cut = text.char_indices().nth(cut.index(text.chars().count())).map_or(0, |(at, _)| at);
        let half = text.get(..cut).unwrap();
        prop_assert_eq!(Document::parse(half).is_some(), roxmltree::Document::parse(half).is_ok());
    }

    /// Ours takes no more than theirs, but for attributes, which it does not compare with each other.
    #[test]
    fn what_is_taken_is_xml(text in r#"<a>(</?[ab]/?>|[ab&;#x<>/!\[\]-]|&amp;|&#(9|[3-9][0-9]);|\PC){0,12}</a>"#) {
        if let Some(document) = Document::parse(&text) {
            prop_assert!(roxmltree::Document::parse(&text).is_ok(), "{}", text);
            if let Some(root) = document.root("a") {
                prop_assert!(document.children(root, "b").count() <= text.len());
            }
        }
    }

    #[test]
    fn no_text_panics(text in ".{0,60}") {
        let _ = Document::parse(&text);
    }
}
