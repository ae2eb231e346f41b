//! Gives an access key id that is read from right to left.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.access_key_id = "ASIA\u{202e}ELPMAXE".into();
    Ok(credentials)
});
