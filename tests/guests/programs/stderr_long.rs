//! Fails with as long a line as it may.
#![no_std]

kit::guest!(|| {
    let line = kit::format!("epicac: {}\n", "x".repeat(4000));
    kit::complain(line.as_bytes())
});
