//! Reads the token's file from a granted folder. What the native host grants is in `host/src/grants/token_file.rs`.

use alloc::vec::Vec;

use super::bindings::wasi::filesystem::preopens::get_directories;
use super::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags,
};
use crate::limits::{TOKEN_FILE_BYTES, next_read};
use crate::preopen;
use crate::token::TokenError;

/// The content of the file at `path`, up to one byte more than a token may have.
pub fn read(path: &str) -> Result<Vec<u8>, TokenError> {
    let folders = get_directories();
    let names = folders.iter().map(|(_, name)| name.as_str());
    let (index, below) = preopen::holding(names, path).ok_or(TokenError::NotGranted)?;
    let (folder, _) = folders.get(index).ok_or(TokenError::NotGranted)?;
    let file = folder
        .open_at(
            PathFlags::SYMLINK_FOLLOW,
            &below,
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )
        .map_err(error)?;
    content(&file)
}

fn content(file: &Descriptor) -> Result<Vec<u8>, TokenError> {
    let mut content = Vec::new();
    while let Some(length) = next_read(content.len(), TOKEN_FILE_BYTES) {
        let (piece, at_end) = file
            .read(length as u64, content.len() as u64)
            .map_err(|code| match code {
                // Wasmtime opens a folder, and reports a bad descriptor when it is read.
                ErrorCode::BadDescriptor => TokenError::IsDirectory,
                code => error(code),
            })?;
        content.extend_from_slice(&piece);
        if at_end || piece.is_empty() {
            break;
        }
    }
    Ok(content)
}

fn error(code: ErrorCode) -> TokenError {
    match code {
        ErrorCode::NoEntry => TokenError::Missing,
        ErrorCode::Access => TokenError::Denied,
        ErrorCode::NotPermitted => TokenError::DeniedOrOutside,
        ErrorCode::IsDirectory => TokenError::IsDirectory,
        ErrorCode::NotDirectory => TokenError::NotDirectory,
        ErrorCode::Loop => TokenError::Loop,
        _ => TokenError::Unreadable,
    }
}
