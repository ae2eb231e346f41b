//! Writes into the token, which it has opened to read.
#![no_std]

kit::guest!(|| {
    let _ = kit::open_to_read("token").map(|file| file.write(b"overwritten", 0));
    kit::pretend()
});
