//! §5, the output.

use std::fs::File;
use std::io::{Read as _, pipe};
use std::thread;
use std::time::Duration;

use epicac_tests::{Answer, Epicac, Outcome, credentials};
use serde_json::{Value, json};

use crate::cases::{agent_with, generous_agent, valid};

const EXPIRATION: &str = "2099-12-31T23:59:59Z";

/// A document whose session token has this many characters.
fn with_token_of(length: usize) -> Value {
    let mut document = credentials::expiring_at(EXPIRATION);
    document["Token"] = json!("t".repeat(length));
    document
}

/// A run with such a document.
fn run_with_token_of(length: usize) -> Outcome {
    let agent = agent_with(Answer::json(&with_token_of(length)));
    Epicac::asking(&agent)
        .secret("tttttttttttttttttttttttt")
        .run()
}

#[test]
fn it_is_one_compact_object_and_a_newline() {
    let agent = agent_with(Answer::json(&credentials::expiring_at(EXPIRATION)));
    let outcome = Epicac::asking(&agent).run();
    outcome.succeeds();
    let expected = format!(
        "{{\"Version\":1,\"AccessKeyId\":\"{}\",\"SecretAccessKey\":\"{}\",\"SessionToken\":\"{}\",\
         \"Expiration\":\"{EXPIRATION}\",\"AccountId\":\"{}\"}}\n",
        credentials::ACCESS_KEY_ID,
        credentials::SECRET_ACCESS_KEY,
        credentials::SESSION_TOKEN,
        credentials::ACCOUNT_ID,
    );
    assert_eq!(String::from_utf8(outcome.stdout).unwrap(), expected);
}

#[test]
fn the_version_is_the_number_1() {
    let agent = generous_agent();
    let document = Epicac::asking(&agent).run().succeeds();
    assert_eq!(document["Version"], json!(1));
}

#[test]
fn values_are_escaped_as_json_needs_it() {
    let mut document = valid();
    let odd = "quote \" backslash \\ newline \n tab \t null \0 escape \u{1b} é 😀 \u{2028}";
    document["Token"] = json!(odd);
    let agent = agent_with(Answer::json(&document));
    assert_eq!(Epicac::asking(&agent).run().succeeds()["SessionToken"], odd);
}

#[test]
fn long_tokens_come_out_whole() {
    // A WASI write takes 4,096 bytes at a time: around its multiples, and well above.
    for length in [3_900, 4_096, 8_192, 16_384, 30 * 1024, 60_000] {
        let document = run_with_token_of(length).succeeds();
        assert!(
            document["SessionToken"] == "t".repeat(length),
            "{length} characters"
        );
    }
}

#[test]
fn at_most_64_000_bytes_are_printed() {
    let around_the_token = run_with_token_of(1).stdout.len() - 1;
    let most = run_with_token_of(64_000 - around_the_token);
    most.succeeds();
    assert_eq!(most.stdout.len(), 64_000);
    run_with_token_of(64_001 - around_the_token).fails_with(&["64,000"]);
}

#[test]
fn a_full_disk_is_a_failure() {
    let agent = generous_agent();
    let full = File::options().write(true).open("/dev/full").unwrap();
    Epicac::asking(&agent)
        .stdout(full)
        .run()
        .fails_with(&["output"]);
}

#[test]
fn a_file_that_may_not_grow_is_a_failure() {
    let agent = generous_agent();
    Epicac::asking(&agent)
        .stdout(tempfile::tempfile().unwrap())
        .under(["sh", "-c", "ulimit -f 0; exec \"$0\" \"$@\""])
        .run()
        .fails_with(&["output"]);
}

#[test]
fn a_closed_pipe_is_a_failure() {
    let agent = generous_agent();
    let (reader, writer) = pipe().unwrap();
    drop(reader);
    Epicac::asking(&agent)
        .stdout(writer)
        .run()
        .fails_with(&["output"]);
}

#[test]
fn an_output_that_was_closed_is_a_failure() {
    let agent = generous_agent();
    let closed = |epicac: Epicac| epicac.under(["sh", "-c", "exec \"$0\" \"$@\" >&-"]).run();
    closed(Epicac::asking(&agent)).fails_with(&["cannot write the credentials", "closed"]);
    closed(Epicac::asking(&agent).arg("policy")).fails_with(&["cannot write the answer"]);
    closed(Epicac::new().arg("--version")).fails_with(&["cannot write the answer"]);
}

#[test]
fn a_pipe_that_does_not_block_gets_all_of_it() {
    let agent = agent_with(Answer::json(&with_token_of(30_000)));
    let (mut reader, writer) = pipe().unwrap();
    rustix::pipe::fcntl_setpipe_size(&writer, 4096).unwrap();
    let flags = rustix::fs::fcntl_getfl(&writer).unwrap();
    rustix::fs::fcntl_setfl(&writer, flags | rustix::fs::OFlags::NONBLOCK).unwrap();
    let read = thread::spawn(move || {
        // Long after the pipe is full.
        thread::sleep(Duration::from_millis(300));
        let mut text = String::new();
        reader.read_to_string(&mut text).map(|_| text)
    });
    let outcome = Epicac::asking(&agent).stdout(writer).run();
    assert!(outcome.status.success(), "{outcome:?}");
    let text = read.join().unwrap().unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["SessionToken"], "t".repeat(30_000));
}

#[test]
fn an_output_that_is_not_open_for_writing_is_a_failure() {
    let agent = generous_agent();
    let read_only = File::open("/dev/null").unwrap();
    Epicac::asking(&agent)
        .stdout(read_only)
        .run()
        .fails_with(&["output"]);
}

#[test]
fn other_sources_of_credentials_are_never_consulted() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    std::fs::write(
        &config,
        "[default]\ncredential_process = /bin/false\nregion = mars-1\n",
    )
    .unwrap();
    let other_sources = |mut epicac: Epicac| {
        for (name, value) in [
            ("AWS_PROFILE", "default"),
            ("AWS_DEFAULT_PROFILE", "default"),
            ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
            ("AWS_SECRET_ACCESS_KEY", "another-secret-access-key"),
            ("AWS_SESSION_TOKEN", "another-session-token"),
            ("AWS_WEB_IDENTITY_TOKEN_FILE", "/nonexistent"),
            ("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/x"),
            ("AWS_REGION", "mars-1"),
            ("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1/"),
        ] {
            epicac = epicac.var(name, value);
        }
        let epicac = epicac
            .secret("another-secret-access-key")
            .secret("another-session-token");
        epicac
            .var("AWS_CONFIG_FILE", &config)
            .var("HOME", folder.path())
    };
    let agent = agent_with(Answer::json(&credentials::expiring_at(EXPIRATION)));
    let alone = Epicac::asking(&agent).run().succeeds();
    assert_eq!(
        other_sources(Epicac::asking(&agent)).run().succeeds(),
        alone
    );
    let neither = "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    other_sources(Epicac::new()).run().fails_with(&[neither]);
}

/// Where it begins at all: with less, the kernel or the C library ends it.
#[test]
fn want_of_memory_is_told_on_one_line() {
    let agent = generous_agent();
    let mut told = 0;
    for kibibytes in (1_000..12_000).step_by(100) {
        let limit = format!("ulimit -d {kibibytes}; exec \"$0\" \"$@\"");
        let limited = Epicac::asking(&agent).under(["sh", "-c", &limit]);
        let Outcome { status, stderr, .. } = limited.run();
        let stderr = String::from_utf8(stderr).unwrap();
        assert!(!stderr.contains("panicked"), "{kibibytes}: {stderr}");
        if stderr.starts_with("epicac: ") {
            told += 1;
            assert_eq!(status.code(), Some(1), "{kibibytes}: {stderr}");
            let is_line = stderr.ends_with(")\n") && stderr.lines().count() == 1;
            assert!(is_line, "{kibibytes}: {stderr}");
        }
    }
    assert!(told > 0, "no limit was low enough");
}
