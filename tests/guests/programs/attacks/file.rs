//! Files that are not granted, and what may not be done with the one that is.

use crate::attacks;
use kit::Outcome;
use kit::wasi::filesystem::preopens::get_directories;
use kit::wasi::filesystem::types::{DescriptorFlags, OpenFlags};

attacks![
    file_absolute,
    file_create,
    file_folder,
    file_none,
    file_parent,
    file_sibling,
    file_symlink,
    file_through_token,
    file_truncate,
    file_write,
];

/// Reads a file outside by its absolute path.
fn file_absolute() -> Outcome {
    let _ = kit::open_to_read(&kit::target()).map(|file| file.read(100, 0));
    kit::pretend()
}

/// Creates a file beside the token.
fn file_create() -> Outcome {
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let _ = kit::open("created", OpenFlags::CREATE, both);
    kit::pretend()
}

/// Opens the folder itself, to look around from there.
fn file_folder() -> Outcome {
    let _ = kit::open_to_read(".").map(|folder| folder.read(100, 0));
    kit::pretend()
}

/// Looks for a file when the environment names none.
/// Gives credentials only if there is any folder.
fn file_none() -> Outcome {
    if get_directories().is_empty() {
        return kit::nothing();
    }
    kit::pretend()
}

/// Reads a file outside of the folder by way of `..`.
fn file_parent() -> Outcome {
    let _ = kit::open_to_read("../outside").map(|file| file.read(100, 0));
    kit::pretend()
}

/// Reads the token's neighbour in the same folder.
fn file_sibling() -> Outcome {
    let _ = kit::open_to_read("neighbour").map(|file| file.read(100, 0));
    kit::pretend()
}

/// Reads a file outside by a symbolic link that lies in the folder.
fn file_symlink() -> Outcome {
    let _ = kit::open_to_read("link").map(|file| file.read(100, 0));
    kit::pretend()
}

/// Reads the token's neighbour by way of the token.
fn file_through_token() -> Outcome {
    let _ = kit::open_to_read("token/../neighbour").map(|file| file.read(100, 0));
    kit::pretend()
}

/// Empties the token by opening it.
fn file_truncate() -> Outcome {
    let _ = kit::open("token", OpenFlags::TRUNCATE, DescriptorFlags::READ);
    kit::pretend()
}

/// Opens the token to write.
fn file_write() -> Outcome {
    let _ = kit::open("token", OpenFlags::empty(), DescriptorFlags::WRITE);
    kit::pretend()
}
