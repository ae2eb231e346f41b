//! Gives an account id that ends early for a program in C.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.account_id = Some("012345678901\0".into());
    Ok(credentials)
});
