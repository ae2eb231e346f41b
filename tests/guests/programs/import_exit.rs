//! Ends the process with success by itself.
#![no_std]

kit::guest!(|| {
    kit::print(kit::DOCUMENT);
    kit::wasi::cli::exit::exit(Ok(()));
    Ok(())
});
