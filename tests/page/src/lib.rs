//! Holds the tables of a page of the documentation to the messages that they list.
//!
//! A crate makes an example of each of its messages ([`examples!`]), and the page says where the table of a message
//! stands:
//!
//! ```markdown
//! <!-- component: invalid authorization token -->
//! <!-- end -->
//! ```
//!
//! `EPICAC_BLESS=1 cargo test` writes the tables. Without that variable the test fails where a table differs.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::{env, fs};

const END: &str = "<!-- end -->\n";

/// Holds the tables of `page`, whose path begins at the root of the repository, to these messages: what failed, why,
/// and what to do, with `…` for what differs from run to run. `of` says whose messages they are.
///
/// # Panics
///
/// When a table differs from the messages, when it has no place on the page, or a place has no message.
pub fn hold<T: AsRef<str>>(page: &str, of: &str, messages: impl IntoIterator<Item = [T; 3]>) {
    // Two tests can be about one page.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(page);
    let old = fs::read_to_string(&path).unwrap_or_default();
    let mut tables = tables(messages);
    let new = with_tables(&old, of, &mut tables);
    let without_place: Vec<_> = tables.keys().collect();
    assert!(
        without_place.is_empty(),
        "{page} has no place <!-- {of}: … --> for {without_place:#?}"
    );
    if env::var_os("EPICAC_BLESS").is_some() {
        let written = fs::write(&path, new);
        assert!(written.is_ok(), "{page}: {written:?}");
    } else {
        let mut lines = old.lines().zip(new.lines());
        let first = lines.find(|(old, new)| old != new);
        assert!(
            old == new,
            "{page} differs from the messages, as this test with EPICAC_BLESS=1 writes them: {first:#?}"
        );
    }
}

/// One example of each variant of an enum, at least. A new variant does not compile before it has one.
///
/// ```
/// # use std::fmt::Error;
/// enum Flaw { Missing, Io(Error), At { line: usize } }
/// let flaws = epicac_page::examples!(Flaw { Missing, Io(Error), At { line: 1 }, At { line: 2 } });
/// assert_eq!(flaws.len(), 4);
/// ```
#[macro_export]
macro_rules! examples {
    ($type:ident { $($variant:ident $(($($value:tt)*))? $({$($member:tt)*})?),* $(,)? }) => {{
        #[allow(unreachable_patterns, reason = "several examples of one variant")]
        let _ = |it: &$type| match it { $($type::$variant { .. } => (),)* };
        vec![$($type::$variant $(($($value)*))? $({$($member)*})?),*]
    }};
}

/// The tables of the messages, by what failed: a row for each, once.
fn tables<T: AsRef<str>>(messages: impl IntoIterator<Item = [T; 3]>) -> BTreeMap<String, String> {
    let mut tables = BTreeMap::new();
    for message in messages {
        let [what, why, remedy] = message.map(|text| text.as_ref().replace('|', r"\|"));
        let head = format!("| {what}: … | what to do |\n|---|---|\n");
        let table = tables.entry(what).or_insert(head);
        let row = format!("| {why} | {remedy} |\n");
        if !table.contains(&row) {
            *table += &row;
        }
    }
    tables
}

/// The page with these tables in their places. Tables that are left have none.
fn with_tables(page: &str, of: &str, tables: &mut BTreeMap<String, String>) -> String {
    let begin = format!("<!-- {of}: ");
    let mut parts = page.split(&begin);
    let mut new = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (what, rest) = part.split_once(" -->\n").unwrap_or((part, ""));
        let (_, after) = rest.split_once(END).unwrap_or_default();
        let table = tables.remove(what);
        assert!(table.is_some(), "no message is {what:?}");
        let table = table.unwrap_or_default();
        new += &format!("{begin}{what} -->\n{table}{END}{after}");
    }
    new
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_replaces_what_stands_in_its_place_and_in_no_other() {
        let page = "a\n<!-- x: one -->\nold\n<!-- end -->\nb\n<!-- y: two -->\nc\n<!-- end -->\n";
        let mut tables = tables([
            ["one", "why|", "do"],
            ["one", "or", "another"],
            ["one", "why|", "do"],
            ["one", "why not", "do"],
            ["three", "", ""],
        ]);
        let new = with_tables(page, "x", &mut tables);
        let table = "| one: … | what to do |\n|---|---|\n| why\\| | do |\n| or | another |\n| why not | do |\n";
        assert_eq!(new, page.replace("old\n", table));
        assert_eq!(tables.keys().collect::<Vec<_>>(), ["three"]);
    }

    #[test]
    #[should_panic(expected = "no message is \"one\"")]
    fn a_place_without_a_message_is_an_error() {
        with_tables("<!-- x: one -->\n<!-- end -->\n", "x", &mut BTreeMap::new());
    }

    #[test]
    #[should_panic(expected = "docs/guests.md has no place")]
    fn a_message_without_a_place_is_an_error() {
        hold("docs/guests.md", "x", [["what", "why", "remedy"]]);
    }
}
