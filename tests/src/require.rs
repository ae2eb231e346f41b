//! What a test does when the machine lacks something it needs: it is skipped, loudly, on somebody's own
//! machine, and it fails in CI, where a test that silently never runs is worse than one that fails.

use std::env;
use std::io::Write as _;
use std::path::PathBuf;

/// The path of a program, looked up in `PATH`. `None` means that the test is [`skipped`]: return from it.
///
/// Panics when the program is missing and `CI` is `true`.
pub fn require(tool: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .map(|folder| folder.join(tool))
        .find(|file| file.is_file());
    if found.is_none() {
        skipped(&format!("{tool} is not installed"));
    }
    found
}

/// Says on stderr that the running test is skipped and why; return from the test then.
///
/// Panics when `CI` is `true`.
pub fn skipped(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let in_ci = env::var_os("CI").is_some_and(|value| value == "true");
    assert!(
        !in_ci,
        "{test} would be skipped, which is a failure in CI: {why}"
    );
    // Not `eprintln`, which the test harness swallows when a test passes.
    let _ = writeln!(std::io::stderr(), "skipped: {test}: {why}");
}
