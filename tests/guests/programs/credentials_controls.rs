//! Gives a secret access key that would paint the terminal.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.secret_access_key = "\x1b[2J\u{9b}0mstolen\x07".into();
    Ok(credentials)
});
