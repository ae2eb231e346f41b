//! Lists the token's folder.
#![no_std]

use kit::wasi::filesystem::preopens::get_directories;

kit::guest!(|| {
    for (folder, _) in get_directories() {
        let _ = folder.read_directory();
    }
    kit::pretend()
});
