//! Requests that the policy does not allow.

use crate::case::{Endpoint, SECOND, Target, contained, says};
use epicac_tests::{Answer, Framing};
use std::time::Duration;

const AUTHORITY: &str = "only the host and port of the endpoint are allowed";
const PATH: &str = "only the path and query of the endpoint are allowed";
const SCHEME: &str = "only the scheme of the endpoint is allowed";

fn redirect() -> Answer {
    Answer::status(302).header("Location", "http://127.0.0.2/v1/credentials")
}

contained! {
    http_other_host: says(AUTHORITY).reaching(Target::OtherHost);
    http_other_port: says(AUTHORITY).reaching(Target::OtherPort);
    http_userinfo: says(AUTHORITY).reaching(Target::OtherHost);
    http_userinfo_own: says(AUTHORITY);
    http_redirect: says(AUTHORITY).reaching(Target::OtherHost).answered(1, redirect());
    http_dns_name: says(AUTHORITY);
    http_address_spelling: says(AUTHORITY);
    http_other_path: says(PATH);
    http_other_query: says(PATH);
    http_path_dots: says(PATH);
    http_https: says(SCHEME);
    http_other_scheme: says(SCHEME);
    http_no_endpoint: says("the environment names no endpoint")
        .reaching(Target::OtherHost)
        .endpoint(Endpoint::None);
    http_https_endpoint: says("https endpoints are not allowed").endpoint(Endpoint::Https);
    http_post: says("only GET is allowed");
    http_get_with_body: says("no body may be sent to the endpoint");
    http_splitting: says("there was nothing to take")
        .because("the host takes no line break and no `Host`, and adds its own");
    http_huge_header: says("limit `header`");
    http_million_requests: says("limit `requests`").answered(32, Answer::status(500));
    http_slow_body: says("limit `deadline`")
        .deadline(SECOND)
        .answered(1, Answer::text(200, &"x".repeat(99)).dripping(Duration::from_millis(100)));
    http_endless_body: says("limit `deadline`")
        .deadline(SECOND)
        .answered(1, Answer::endless(200, Framing::Chunked(1 << 16)));
    http_held_bodies: says("limit `deadline`")
        .deadline(SECOND)
        .answered(8, Answer::endless(200, Framing::ContentLength));
}
