//! Gives a session token of a megabyte.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.session_token = "x".repeat(1 << 20);
    Ok(credentials)
});
