//! §3, the request: the forms that a response of HTTP may have.

use std::time::Duration;

use epicac_tests::{Answer, Epicac, Framing};

use crate::cases::{agent_with, each, gets_credentials, valid};

/// A document of this many bytes, padded with white space.
fn padded(length: usize) -> Vec<u8> {
    let mut body = valid().to_string().into_bytes();
    body.resize(length, b' ');
    body
}

#[test]
fn a_body_in_any_framing_is_read_whole() {
    let answers = [
        Answer::json(&valid()),
        Answer::json(&valid()).framing(Framing::Chunked(1)),
        Answer::json(&valid()).framing(Framing::Chunked(7)),
        Answer::json(&valid()).framing(Framing::Chunked(100_000)),
        Answer::json(&valid()).framing(Framing::UntilClose),
        Answer::json(&valid()).http_1_0(),
        Answer::json(&valid())
            .framing(Framing::ContentLength)
            .then_stall(),
        Answer::json(&valid())
            .framing(Framing::Chunked(100))
            .then_stall(),
    ];
    each(&answers, |answer| {
        let agent = agent_with(answer.clone());
        gets_credentials(Epicac::asking(&agent));
        assert_eq!(agent.connections(), 1);
    });
}

#[test]
fn a_line_of_the_header_may_be_folded() {
    let body = valid().to_string();
    let agent = agent_with(Answer::raw(format!(
        "HTTP/1.1 200 OK\r\nX-Folded: a\r\n b\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )));
    gets_credentials(Epicac::asking(&agent));
    assert_eq!(agent.connections(), 1);
}

#[test]
fn a_header_of_64_kib_is_read_and_no_larger_one() {
    let answer = |length: usize| {
        let fields = format!("X-Padding: {}\r\n", "x".repeat(985)).repeat(length / 1000);
        let body = valid().to_string();
        let length = body.len();
        Answer::raw(format!(
            "HTTP/1.1 200 OK\r\n{fields}Content-Length: {length}\r\n\r\n{body}"
        ))
    };
    gets_credentials(Epicac::asking(&agent_with(answer(60_000))));
    for length in [67_000, 90_000] {
        let agent = agent_with(answer(length));
        Epicac::asking(&agent).run().fails_with(&["no response"]);
    }
}

#[test]
fn interim_responses_are_passed_over_and_have_an_end() {
    let body = valid().to_string();
    let interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n";
    let answer = |interim: &str| {
        let length = body.len();
        Answer::raw(format!(
            "{interim}HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n{body}"
        ))
    };
    gets_credentials(Epicac::asking(&agent_with(answer(interim))));
    let many = interim.repeat(60_000 / interim.len());
    gets_credentials(Epicac::asking(&agent_with(answer(&many))));

    // Up to 64 KiB they are read, as the header is: without a bound, each attempt would read for its five seconds.
    for answer in [
        answer(&interim.repeat(2000)),
        Answer::raw_endless(interim.repeat(50)),
    ] {
        let outcome = Epicac::asking(&agent_with(answer)).run();
        outcome.fails_with(&["no response"]);
        assert!(outcome.took < Duration::from_secs(9), "{:?}", outcome.took);
    }
}

#[test]
fn header_names_are_read_in_any_case() {
    let body = valid().to_string();
    let length = body.len();
    let heads = [
        format!("content-length: {length}\r\ncontent-type: application/json"),
        format!("CONTENT-LENGTH: {length}\r\nCONTENT-TYPE: application/json"),
        format!("cOnTeNt-LeNgTh:{length}\r\nX-Empty:"),
        format!("Content-Length:   {length}   \r\nDate: Thu, 01 Jan 1970 00:00:00 GMT"),
    ];
    each(&heads, |head| {
        // The connection stays open, so that only the length tells the end.
        let response = format!("HTTP/1.1 200 OK\r\n{head}\r\n\r\n{body}");
        let agent = agent_with(Answer::raw(response).then_stall());
        gets_credentials(Epicac::asking(&agent));
        assert_eq!(agent.connections(), 1);
    });
    let chunked = format!("tRANSFER-eNCODING: Chunked\r\n\r\n{length:X}\r\n{body}\r\n0\r\n\r\n");
    let agent = agent_with(Answer::raw(format!("HTTP/1.1 200 OK\r\n{chunked}")).then_stall());
    gets_credentials(Epicac::asking(&agent));
}

#[test]
fn a_reason_phrase_may_say_anything() {
    let rest = format!(
        "Content-Length: {}\r\n\r\n{}",
        valid().to_string().len(),
        valid()
    );
    each(
        &["200 ", "200 Everything is fine", "200 500 Error"],
        |status| {
            let agent = agent_with(Answer::raw(format!("HTTP/1.1 {status}\r\n{rest}")));
            gets_credentials(Epicac::asking(&agent));
        },
    );
}

#[test]
fn the_content_type_is_ignored_on_success() {
    let types = [
        "text/plain",
        "text/html; charset=utf-16",
        "application/octet-stream",
        "",
        "?",
    ];
    each(&types, |content_type| {
        let agent = agent_with(Answer::body(200, content_type, valid().to_string()));
        gets_credentials(Epicac::asking(&agent));
    });
    let rest = format!(
        "Content-Length: {}\r\n\r\n{}",
        valid().to_string().len(),
        valid()
    );
    let agent = agent_with(Answer::raw(format!("HTTP/1.1 200 OK\r\n{rest}")));
    gets_credentials(Epicac::asking(&agent));
}

#[test]
fn a_body_that_comes_in_many_parts_is_read_whole() {
    let interval = Duration::from_millis(1);
    each(
        &[
            Framing::ContentLength,
            Framing::Chunked(1),
            Framing::UntilClose,
        ],
        |framing| {
            let answer = Answer::json(&valid()).framing(*framing).dripping(interval);
            let agent = agent_with(answer);
            gets_credentials(Epicac::asking(&agent));
        },
    );
}

#[test]
fn sixty_four_kibibytes_are_read_and_one_byte_more_is_refused() {
    let framings = [
        Framing::ContentLength,
        Framing::Chunked(5000),
        Framing::UntilClose,
    ];
    each(&framings, |framing| {
        let body = |length| Answer::body(200, "application/json", padded(length)).framing(*framing);
        let agent = agent_with(body(65_536));
        gets_credentials(Epicac::asking(&agent));
        let agent = agent_with(body(65_537));
        Epicac::asking(&agent).run().fails_with(&[]);
        assert_eq!(agent.connections(), 1, "it is not tried again");
    });
}

#[test]
fn a_content_length_that_lies_is_not_trusted() {
    // Announced and nothing there: the 64 KiB are refused before they come, or the body is short.
    for length in [
        "65537",
        "18446744073709551615",
        "99999999999999999999999",
        "-1",
        "0x10",
        "1, 2",
    ] {
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
        let agent = agent_with(Answer::raw(head + &valid().to_string()));
        Epicac::asking(&agent).run().fails_with(&[]);
        assert!(agent.connections() >= 1);
    }
}
