//! What must not leave the sandbox, or not as it is: what it prints, the credentials that it gives, and the message
//! that it fails with.

use crate::case::{SECOND, contained, lets_out, says};

const EXPIRED: &str = "expired credentials";
const EXPIRATION: &str = "invalid credentials: expiration";

contained! {
    print_endless: says("limit `deadline`").deadline(SECOND);
    print_then_credentials: lets_out("\"AccessKeyId\":\"ASIAIOSFODNN7EXAMPLE\"")
        .because("what it prints goes nowhere");
    print_then_trap: says("`unreachable` instruction executed");
    credentials_after_denial: says("only the path and query of the endpoint are allowed");
    credentials_lines: lets_out(r#"\n{\"Version\":1"#).because("it stays in its string");
    credentials_controls: lets_out(r"\u001b").because("JSON escapes it");
    credentials_nul: lets_out(r"\u0000").because("JSON escapes it");
    credentials_bidirectional: lets_out("\u{202e}").because("it stays in its string");
    credentials_empty: says("secret-access-key is empty");
    credentials_large: says("output too large");
    credentials_megabyte: says("fuel allocated for hostcalls has been exhausted");
    credentials_json: lets_out(r#""AccessKeyId":"A\",\"Version\":2,\"Loot\":\"\\""#)
        .because("it stays in its string");
    credentials_expired: says(EXPIRED);
    credentials_year_0: says(EXPIRED);
    credentials_year_10000: says(EXPIRATION);
    credentials_for_ever: says(EXPIRATION);
    message_lines: says("epicac: epicac: a: line (b) epicac: a: line (b)").because("it becomes one line");
    message_escapes: says("epicac: [2Jred0m detrevni: a (b)").because("only plain text is shown");
    message_megabyte: says("fuel allocated for hostcalls has been exhausted");
    message_empty: says("it failed without a reason");
    message_credentials: says("epicac: {\"Version\":1").because("a run that fails prints no credentials");
    result_cause: says("unexpected discriminant: 13");
    result_neither: says("invalid expected discriminant");
    result_overreach: says("string pointer/length out of bounds of memory");
    result_binary: says("invalid utf-8");
}
