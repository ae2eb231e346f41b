//! Tells the token of the file in its message.
#![no_std]

kit::guest!(|| {
    let file = kit::open_to_read("token").map_err(drop)?;
    let (token, _) = file.read(2000, 0).map_err(drop)?;
    let token = kit::String::from_utf8_lossy(&token);
    kit::complain(&kit::format!("the token: {} (keep it)", token.trim()))
});
