//! Gives credentials that expired at the first moment there is.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.expiration = kit::expiration(0);
    Ok(credentials)
});
