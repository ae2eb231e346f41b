//! The command line around §5: without arguments, epicac is a credential process. Help and the usage of each verb are in
//! cmd/help-*.toml and cmd/usage-*.toml.

use epicac_tests::Epicac;

use crate::cases::generous_agent;

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
