//! Opens the token to write.
#![no_std]

use kit::wasi::filesystem::types::{DescriptorFlags, OpenFlags};

kit::guest!(|| {
    let _ = kit::open("token", OpenFlags::empty(), DescriptorFlags::WRITE);
    kit::pretend()
});
