//! What must not leave the sandbox, or not as it is.

use crate::case::{contained, says};

const NO_DOCUMENT: &str = "it is no credential document";
const NO_REASON: &str = "it failed without a reason";

contained! {
    stdout_endless: says("limit `stdout`");
    stdout_nothing: says(NO_DOCUMENT);
    stdout_two_documents: says(NO_DOCUMENT);
    stdout_no_document: says(NO_DOCUMENT);
    stdout_more: says(NO_DOCUMENT);
    stdout_other_member: says(NO_DOCUMENT);
    stdout_then_failure: says("epicac: changed my mind: so there (nothing)")
        .because("a run that fails prints nothing");
    stdout_then_trap: says("`unreachable` instruction executed");
    stderr_endless: says("limit `stderr`");
    stderr_nothing: says(NO_REASON);
    stderr_binary: says(NO_REASON);
    stderr_lines: says("epicac: first: line (a) epicac: second: line (b)").because("it becomes one line");
    stderr_controls: says("epicac: [2Jred0m detrevni: a (b)").because("only plain text is shown");
    stderr_long: says("epicac: xxxx").because("2,000 characters are shown");
    stderr_token: says("epicac: the token: [redacted] (keep it)").because("`[redacted]`");
    stderr_token_file: says("epicac: the token: [redacted] (keep it)").because("`[redacted]`");
}
