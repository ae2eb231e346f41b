//! Reads the arguments of the process.
#![no_std]

kit::guest!(|| {
    let _ = kit::wasi::cli::environment::get_arguments();
    kit::pretend()
});
