//! Deletes the token.
#![no_std]

use kit::wasi::filesystem::preopens::get_directories;

kit::guest!(|| {
    for (folder, _) in get_directories() {
        let _ = folder.unlink_file_at("token");
    }
    kit::pretend()
});
