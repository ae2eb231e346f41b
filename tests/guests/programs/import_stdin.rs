//! Reads standard input.
#![no_std]

kit::guest!(|| {
    let _ = kit::wasi::cli::stdin::get_stdin().read(100);
    kit::pretend()
});
