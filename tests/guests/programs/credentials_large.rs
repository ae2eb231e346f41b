//! Gives a session token of 64,000 bytes, which with all else is more than every AWS SDK reads.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.session_token = "x".repeat(64_000);
    Ok(credentials)
});
