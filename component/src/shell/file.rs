//! Reading the token's file out of a granted folder.

use alloc::vec::Vec;

use super::bindings::wasi::filesystem::preopens::get_directories;
use super::bindings::wasi::filesystem::types::{
    Descriptor, DescriptorFlags, ErrorCode, OpenFlags, PathFlags,
};
use crate::limits::{TOKEN_FILE_BYTES, next_read};
use crate::preopen;
use crate::token::TokenFlaw;

/// The content of the file at `path`, up to one byte more than a token may have.
pub fn read(path: &str) -> Result<Vec<u8>, TokenFlaw> {
    let folders = get_directories();
    let names = folders.iter().map(|(_, name)| name.as_str());
    let (index, below) = preopen::holding(names, path).ok_or(TokenFlaw::NotGranted)?;
    let (folder, _) = folders.get(index).ok_or(TokenFlaw::NotGranted)?;
    let file = folder
        .open_at(
            PathFlags::SYMLINK_FOLLOW,
            &below,
            OpenFlags::empty(),
            DescriptorFlags::READ,
        )
        .map_err(flaw)?;
    content(&file)
}

fn content(file: &Descriptor) -> Result<Vec<u8>, TokenFlaw> {
    let mut content = Vec::new();
    while let Some(length) = next_read(content.len(), TOKEN_FILE_BYTES) {
        let (piece, at_end) = file
            .read(length as u64, content.len() as u64)
            .map_err(|code| match code {
                // A folder can be opened; to read it is what Wasmtime calls a bad descriptor.
                ErrorCode::BadDescriptor => TokenFlaw::IsDirectory,
                code => flaw(code),
            })?;
        content.extend_from_slice(&piece);
        if at_end || piece.is_empty() {
            break;
        }
    }
    Ok(content)
}

fn flaw(code: ErrorCode) -> TokenFlaw {
    match code {
        ErrorCode::NoEntry => TokenFlaw::Missing,
        ErrorCode::Access => TokenFlaw::Denied,
        ErrorCode::NotPermitted => TokenFlaw::DeniedOrOutside,
        ErrorCode::IsDirectory => TokenFlaw::IsDirectory,
        ErrorCode::NotDirectory => TokenFlaw::NotDirectory,
        ErrorCode::Loop => TokenFlaw::Loop,
        _ => TokenFlaw::Unreadable,
    }
}
