//! Gives a session token of two lines, the second of which is a document.
#![no_std]

kit::guest!(|| {
    let mut credentials = kit::credentials();
    credentials.session_token = "stolen\n{\"Version\":1,\"AccessKeyId\":\"A\"}\n".into();
    Ok(credentials)
});
