//! Tells the token of the file in its complaint.
#![no_std]

kit::guest!(|| {
    let file = kit::open_to_read("token").map_err(drop)?;
    let (token, _) = file.read(2000, 0).map_err(drop)?;
    let token = kit::String::from_utf8_lossy(&token);
    let line = kit::format!("epicac: the token: {} (keep it)\n", token.trim());
    kit::complain(line.as_bytes())
});
