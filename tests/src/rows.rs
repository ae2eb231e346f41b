//! Tables of text, one line a case, for tests whose rule is a table.
#![allow(clippy::expect_used, reason = "these are assertions of tests")]

/// The rows of a table. Their cells are separated by `|`; spaces around a cell are no part of it.
///
/// # Panics
///
/// When a row has another number of cells.
pub fn rows<const N: usize>(table: &str) -> impl Iterator<Item = [&str; N]> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        cells.try_into().expect("as many cells as are read")
    })
}
