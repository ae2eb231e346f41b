//! Files that are not granted, and what may not be done with the one that is.

use crate::case::{Target, contained, says};

const FILE: &str = "only the file of the token may be opened, and only to be read";

contained! {
    file_sibling: says(FILE);
    file_parent: says(FILE);
    file_through_token: says(FILE);
    file_symlink: says(FILE);
    file_absolute: says(FILE).reaching(Target::Outside);
    file_folder: says(FILE);
    file_write: says(FILE);
    file_truncate: says(FILE);
    file_create: says(FILE);
    file_overwrite: says("[method]descriptor.write");
    file_delete: says("[method]descriptor.unlink-file-at");
    file_list: says("directory-entry-stream").because("wasi:filesystem has no read-directory here");
    file_none: says("there was nothing to take")
        .without_token_file()
        .because("there is no folder");
}
