//! Opens the folder itself, to look around from there.
#![no_std]

kit::guest!(|| {
    let _ = kit::open_to_read(".").map(|folder| folder.read(100, 0));
    kit::pretend()
});
