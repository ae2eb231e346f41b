//! Sees who opens a file.

use rustix::fs::inotify::{self, CreateFlags, ReadFlags, WatchFlags};
use rustix::io::Errno;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::path::Path;

/// A watch on a folder, in which one file may be read, and on a file, which may not.
pub struct Watch {
    inotify: OwnedFd,
    allowed: &'static str,
}

impl Watch {
    pub fn on(folder: &Path, file: &Path, allowed: &'static str) -> Self {
        let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).unwrap();
        for path in [folder, file] {
            inotify::add_watch(&inotify, path, WatchFlags::ALL_EVENTS).unwrap();
        }
        Self { inotify, allowed }
    }

    /// Asserts that nothing was done but to read the file that may be read.
    pub fn saw_nobody(&self) {
        // Nothing was written without `MODIFY`, and nothing listed without `OPEN`. To be closed alone are
        // our own descriptors, which a process that another test was just starting still held when the file
        // was made and the folder was listed.
        let read =
            ReadFlags::OPEN | ReadFlags::ACCESS | ReadFlags::CLOSE_NOWRITE | ReadFlags::CLOSE_WRITE;
        let mut buffer = [MaybeUninit::uninit(); 4096];
        let mut events = inotify::Reader::new(&self.inotify, &mut buffer);
        loop {
            match events.next() {
                Ok(event) => {
                    let name = event.file_name().map(|name| name.to_string_lossy());
                    let is_allowed = match name.as_deref() {
                        Some(name) => name == self.allowed && read.contains(event.events()),
                        None => event.events() == ReadFlags::CLOSE_NOWRITE | ReadFlags::ISDIR,
                    };
                    assert!(is_allowed, "{name:?}: {:?}", event.events());
                }
                Err(Errno::AGAIN) => return,
                Err(error) => panic!("{error}"),
            }
        }
    }
}
