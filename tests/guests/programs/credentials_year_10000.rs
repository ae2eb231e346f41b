//! Gives credentials that expire at the first moment of the year 10000.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.expiration = kit::expiration(253_402_300_800);
    Ok(credentials)
});
