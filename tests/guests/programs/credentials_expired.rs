//! Gives credentials that expired in 2023.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.expiration = kit::expiration(1_700_000_000);
    Ok(credentials)
});
