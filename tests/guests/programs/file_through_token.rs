//! Reads the token's neighbour by way of the token.
#![no_std]

kit::guest!(|| {
    let _ = kit::open_to_read("token/../neighbour").map(|file| file.read(100, 0));
    kit::pretend()
});
