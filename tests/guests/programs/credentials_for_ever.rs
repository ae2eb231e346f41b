//! Gives credentials that expire after as many seconds as there can be, and a second of nanoseconds.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.expiration = kit::expiration(u64::MAX);
    credentials.expiration.nanoseconds = 1_000_000_000;
    Ok(credentials)
});
