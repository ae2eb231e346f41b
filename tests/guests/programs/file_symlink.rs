//! Reads a file outside by a symbolic link that lies in the folder.
#![no_std]

kit::guest!(|| {
    let _ = kit::open_to_read("link").map(|file| file.read(100, 0));
    kit::pretend()
});
