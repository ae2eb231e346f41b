//! Looks for a file when the environment names none.
//! Gives credentials only if there is any folder.
#![no_std]

use kit::wasi::filesystem::preopens::get_directories;

kit::guest!(|| {
    if get_directories().is_empty() {
        return kit::nothing();
    }
    kit::pretend()
});
