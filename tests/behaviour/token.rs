//! §2, the authorization token: what is sent of it, from whichever variable.

use epicac_tests::{Answer, Epicac, test_token};

use crate::cases::{agent_with, each, generous_agent};

const TOKEN: &str = "AWS_CONTAINER_AUTHORIZATION_TOKEN";

#[test]
fn the_file_wins_over_the_variable() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    std::fs::write(&file, "from-the-file").unwrap();
    let agent = generous_agent();
    Epicac::asking(&agent)
        .token("from-the-variable")
        .token_file(file)
        .run()
        .succeeds();
    assert_eq!(
        agent.requests()[0].header_values("Authorization"),
        ["from-the-file"]
    );
}

#[test]
fn the_file_wins_over_the_variable_even_when_it_cannot_be_read() {
    let agent = generous_agent();
    let epicac = Epicac::asking(&agent)
        .token("from-the-variable")
        .token_file("/nonexistent");
    epicac.run().fails_with(&["/nonexistent"]);
    assert_eq!(agent.connections(), 0);
}

#[test]
fn an_empty_file_variable_leaves_the_other_one() {
    let agent = generous_agent();
    Epicac::asking(&agent)
        .token("from-the-variable")
        .token_file("")
        .run()
        .succeeds();
    assert_eq!(
        agent.requests()[0].header_values("Authorization"),
        ["from-the-variable"]
    );
}

#[test]
fn it_is_sent_verbatim() {
    let agent = generous_agent();
    let jwt = test_token(3600);
    let tokens = [
        jwt.as_str(),
        "Bearer of-its-own",
        "Basic dXNlcjpwYXNz",
        "a  b",
        "!\"#$%&'()*+,-./:;<=>?@",
    ];
    for token in tokens {
        Epicac::asking(&agent).token(token).run().succeeds();
    }
    let requests = agent.requests();
    let seen: Vec<_> = requests
        .iter()
        .flat_map(|one| one.header_values("Authorization"))
        .collect();
    assert_eq!(seen, tokens);
}

#[test]
fn above_64_kib_it_is_refused_as_a_file_is() {
    let agent = generous_agent();
    let largest = "t".repeat(65_536);
    Epicac::asking(&agent).token(&largest).run().succeeds();
    let too_large = format!("{largest}t");
    let outcome = Epicac::asking(&agent).token(&too_large).run();
    outcome.fails_with(&["invalid authorization token", "65,536"]);
    assert_eq!(agent.connections(), 1);
}

#[test]
fn no_token_variable_sends_no_authorization() {
    let agent = generous_agent();
    Epicac::asking(&agent).run().succeeds();
    assert!(
        agent.requests()[0]
            .header_values("Authorization")
            .is_empty()
    );
}

#[test]
fn control_bytes_and_non_ascii_fail_before_any_connection() {
    let agent = generous_agent();
    let tokens = [
        "first-half\nsecond-half",
        "first-half\rsecond-half",
        "first-half\r\nX-Injected: yes",
        "trailing-newline\n",
        "trailing-return\r",
        "\nleading-newline",
        "first-half\tsecond-half",
        "first-half\u{1}second-half",
        "first-half\u{1b}[31msecond-half",
        "first-half\u{7f}second-half",
        "first-half-é-second-half",
        "first-half-\u{9b}-second-half",
        "\n",
    ];
    each(&tokens, |token| {
        let epicac = Epicac::asking(&agent).var(TOKEN, token);
        epicac
            .secret("first-half")
            .secret("second-half")
            .run()
            .fails_with(&[TOKEN]);
    });
    assert_eq!(agent.connections(), 0);
}

#[test]
fn a_response_that_is_nearly_the_token_is_searched_in_time() {
    let token = "a".repeat(40_000);
    let agent = agent_with(Answer::text(403, &token[1..]));
    // The response is not the token, so it is shown: no secret for this test.
    let epicac = Epicac::asking(&agent).var(TOKEN, &token);
    epicac.run().fails_with(&["403", "aaaa"]);
}
