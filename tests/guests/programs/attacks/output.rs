//! What must not leave the sandbox, or not as it is: what it prints, the credentials that it gives, and the message
//! that it fails with.

use crate::attacks;
use kit::Outcome;
use kit::wasi::http::types::Scheme;

attacks![
    credentials_after_denial,
    credentials_bidirectional,
    credentials_controls,
    credentials_empty,
    credentials_expired,
    credentials_for_ever,
    credentials_json,
    credentials_large,
    credentials_lines,
    credentials_megabyte,
    credentials_nul,
    credentials_year_0,
    credentials_year_10000,
    message_credentials,
    message_empty,
    message_escapes,
    message_lines,
    message_megabyte,
    print_endless,
    print_then_credentials,
    print_then_trap,
];

/// Sends a request that is denied, and then gives credentials.
fn credentials_after_denial() -> Outcome {
    let (authority, _) = kit::endpoint();
    let denied = kit::get(Scheme::Http, &authority, "/denied");
    if denied.is_some() {
        kit::nothing()
    } else {
        kit::pretend()
    }
}

/// Gives an access key id that is read from right to left.
fn credentials_bidirectional() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.access_key_id = "ASIA\u{202e}ELPMAXE".into();
    Ok(credentials)
}

/// Gives a secret access key that would paint the terminal.
fn credentials_controls() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.secret_access_key = "\x1b[2J\u{9b}0mstolen\x07".into();
    Ok(credentials)
}

/// Gives an empty secret access key.
fn credentials_empty() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.secret_access_key.clear();
    Ok(credentials)
}

/// Gives credentials that expired in 2023.
fn credentials_expired() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.expiration = kit::expiration(1_700_000_000);
    Ok(credentials)
}

/// Gives credentials that expire after as many seconds as there can be, and a second of nanoseconds.
fn credentials_for_ever() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.expiration = kit::expiration(u64::MAX);
    credentials.expiration.nanoseconds = 1_000_000_000;
    Ok(credentials)
}

/// Gives JSON in its credentials, to end the string that it stands in.
fn credentials_json() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.access_key_id = "A\",\"Version\":2,\"Loot\":\"\\".into();
    credentials.account_id = Some("\"}{\"Version\":3}".into());
    Ok(credentials)
}

/// Gives a session token of 64,000 bytes, which with all else is more than every AWS SDK reads.
fn credentials_large() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.session_token = "x".repeat(64_000);
    Ok(credentials)
}

/// Gives a session token of two lines, the second of which is a document.
fn credentials_lines() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.session_token = "stolen\n{\"Version\":1,\"AccessKeyId\":\"A\"}\n".into();
    Ok(credentials)
}

/// Gives a session token of a megabyte.
fn credentials_megabyte() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.session_token = "x".repeat(1 << 20);
    Ok(credentials)
}

/// Gives an account id that ends early for a program in C.
fn credentials_nul() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.account_id = Some("012345678901\0".into());
    Ok(credentials)
}

/// Gives credentials that expired at the first moment there is.
fn credentials_year_0() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.expiration = kit::expiration(0);
    Ok(credentials)
}

/// Gives credentials that expire at the first moment of the year 10000.
fn credentials_year_10000() -> Outcome {
    let mut credentials = kit::credentials();
    credentials.expiration = kit::expiration(253_402_300_800);
    Ok(credentials)
}

/// Fails, and says that it did not.
fn message_credentials() -> Outcome {
    kit::complain(
        "{\"Version\":1,\"AccessKeyId\":\"A\",\"SecretAccessKey\":\"S\",\"SessionToken\":\"T\"}",
    )
}

/// Fails without a word that could be seen.
fn message_empty() -> Outcome {
    kit::complain(" \n\u{200b}")
}

/// Fails with what would paint the terminal, or turn the line around.
fn message_escapes() -> Outcome {
    kit::complain("\x1b[2J\x07\0red\r\u{9b}0m \u{202e}detrevni\u{2028}: a (b)")
}

/// Fails with 2,000 lines, each of which pretends to be epicac's.
fn message_lines() -> Outcome {
    kit::complain(&"epicac: a: line (b)\r\n".repeat(2_000))
}

/// Fails with a message of a megabyte.
fn message_megabyte() -> Outcome {
    kit::complain(&"x".repeat(1 << 20))
}

/// Prints without end.
fn print_endless() -> Outcome {
    loop {
        kit::print("Hello, terminal!\x1b]0;title\x07\n");
    }
}

/// Prints a document and a complaint, and then gives credentials.
fn print_then_credentials() -> Outcome {
    kit::print("{\"Version\":1,\"AccessKeyId\":\"printed\"}\n");
    kit::print("epicac: printed: by the component (is it there?)\n");
    kit::pretend()
}

/// Prints a document, and traps.
fn print_then_trap() -> Outcome {
    kit::print("{\"Version\":1,\"AccessKeyId\":\"printed\"}\n");
    core::arch::wasm32::unreachable()
}
