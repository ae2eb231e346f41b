//! The command line around §5: without arguments, epicac is a credential process.

use epicac_tests::Epicac;

use crate::cases::generous_agent;

#[test]
fn help_and_version_are_printed_on_stdout() {
    for (flag, part) in [("--help", "Usage"), ("--version", "epicac 0.")] {
        let outcome = Epicac::new().arg(flag).run();
        let text = String::from_utf8(outcome.stdout).unwrap();
        assert_eq!(outcome.status.code(), Some(0), "{flag}");
        assert!(outcome.stderr.is_empty(), "{flag}");
        assert!(
            text.to_lowercase().contains(&part.to_lowercase()),
            "{flag} prints {text}"
        );
    }
}

#[test]
fn what_it_does_not_know_is_wrong_usage() {
    use std::os::unix::ffi::OsStrExt as _;
    let agent = generous_agent();
    for argument in [
        "--no-such-flag",
        "-x",
        "no-such-verb",
        "",
        "--policy",
        "--help=yes",
        "-",
    ] {
        Epicac::asking(&agent).arg(argument).run().is_wrong_usage();
    }
    let not_utf8 = std::ffi::OsStr::from_bytes(b"--\xff");
    Epicac::asking(&agent).arg(not_utf8).run().is_wrong_usage();
    assert_eq!(agent.connections(), 0);
}

#[test]
fn the_usage_is_that_of_the_verb() {
    for (words, usage) in [
        ("--external-id=x", "epicac [OPTIONS]"),
        ("config --region=nowhere", "epicac config "),
        ("config check --nonsense", "epicac config check "),
        ("doctor config", "epicac doctor "),
        ("policy check x --external-id=x", "epicac policy check "),
        ("serve --token-file=x --profile=x", "epicac serve "),
        ("serve --token-file=x --listen=x", "epicac serve "),
    ] {
        let outcome = words.split(' ').fold(Epicac::new(), Epicac::arg).run();
        outcome.is_wrong_usage();
        let text = String::from_utf8(outcome.stderr).unwrap();
        assert!(text.contains(&format!("Usage: {usage}")), "{words}: {text}");
    }
}
