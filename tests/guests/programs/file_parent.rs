//! Reads a file outside of the folder by way of `..`.
#![no_std]

kit::guest!(|| {
    let _ = kit::open_to_read("../outside").map(|file| file.read(100, 0));
    kit::pretend()
});
