//! Gives JSON in its credentials, to end the string that it stands in.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.access_key_id = "A\",\"Version\":2,\"Loot\":\"\\".into();
    credentials.account_id = Some("\"}{\"Version\":3}".into());
    Ok(credentials)
});
