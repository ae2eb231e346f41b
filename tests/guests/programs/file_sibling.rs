//! Reads the token's neighbour in the same folder.
#![no_std]

kit::guest!(|| {
    let _ = kit::open_to_read("neighbour").map(|file| file.read(100, 0));
    kit::pretend()
});
