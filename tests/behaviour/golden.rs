//! What the verbs print that need no agent: a file of `cmd/` for each case, and the console blocks of the documentation,
//! which `pages/` links to. A block that cannot run by itself begins with "```console,ignore", and the output of one that
//! does ends with an empty line. `TRYCMD=overwrite` writes what is printed now into these files: read the difference
//! before you commit it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use epicac_tests::Epicac;
use trycmd::TestCases;

/// What runs the program under test, as `epicac` and as `sh`; no other program of a page.
fn run(pattern: &str) {
    let folder = tempfile::tempdir().unwrap();
    let sh = folder.path().join("sh");
    symlink(Epicac::path(), &sh).unwrap();
    let cases = TestCases::new();
    cases.default_bin_path(Epicac::path());
    cases.register_bin("epicac", Epicac::path().as_path());
    cases.register_bin("sh", sh.as_path());
    cases.case(pattern).run();
}

#[test]
fn the_verbs_print_what_their_files_say() {
    run("behaviour/cmd/*.toml");
}

#[test]
fn the_pages_show_what_is_printed() {
    run("behaviour/pages/*.md");
}

/// A block that is ignored, or whose program is not known, passes.
#[test]
fn the_pages_have_commands_that_run() {
    for (page, command) in [
        ("README.md", "epicac config --profile"),
        ("reference.md", "AWS_PROFILE=dest_role epicac config check"),
    ] {
        let text = fs::read_to_string(Path::new("behaviour/pages").join(page)).unwrap();
        assert!(text.contains(&format!("```console\n$ {command}")), "{page}");
    }
}
