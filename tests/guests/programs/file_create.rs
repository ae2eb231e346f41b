//! Creates a file beside the token.
#![no_std]

use kit::wasi::filesystem::types::{DescriptorFlags, OpenFlags};

kit::guest!(|| {
    let both = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let _ = kit::open("created", OpenFlags::CREATE, both);
    kit::pretend()
});
