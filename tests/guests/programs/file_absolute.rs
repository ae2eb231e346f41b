//! Reads a file outside by its absolute path.
#![no_std]

kit::guest!(|| {
    let _ = kit::open_to_read(&kit::target()).map(|file| file.read(100, 0));
    kit::pretend()
});
