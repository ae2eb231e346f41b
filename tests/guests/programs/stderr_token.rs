//! Tells the token of the variable in its complaint.
#![no_std]

kit::guest!(|| {
    let line = kit::format!("epicac: the token: {} (keep it)\n", kit::target());
    kit::complain(line.as_bytes())
});
