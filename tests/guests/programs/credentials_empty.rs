//! Gives an empty secret access key.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.secret_access_key.clear();
    Ok(credentials)
});
