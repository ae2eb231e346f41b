//! Folders that another user controls take neither the program (`epicac install`, docs/reference.md) nor the token of
//! callers (`epicac serve`, docs/serve.md).

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};

use epicac_tests::paths::names;
use epicac_tests::require::skipped;
use epicac_tests::{Epicac, Serving};

use crate::cases::generous_agent;
use crate::install::install;

/// A new folder of this mode.
fn folder(root: &Path, name: &str, mode: u32) -> PathBuf {
    let folder = root.join(name);
    fs::create_dir(&folder).unwrap();
    fs::set_permissions(&folder, Permissions::from_mode(mode)).unwrap();
    folder
}

/// Its owner, or whoever may write to it, could replace the program later.
#[test]
fn a_folder_that_others_control_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let open = folder(root.path(), "open", 0o777);
    let sticky = folder(root.path(), "sticky", 0o1777);
    for folder in [&open, &open.join("new")] {
        let parts = ["cannot install", "other users may write to", "nobody else"];
        install(folder).run().fails_with(&parts);
    }
    install(&sticky).run().answers(0);
    install(&sticky.join("new")).run().answers(0);
    assert!(names(&open).is_empty());

    if !rustix::process::geteuid().is_root() {
        return skipped("only root can give a folder to somebody else");
    }
    let theirs = root.path().join("theirs");
    fs::create_dir_all(theirs.join("ours")).unwrap();
    chown(&theirs, Some(1234), None).unwrap();
    for folder in [&theirs, &theirs.join("ours"), &theirs.join("new")] {
        let parts = ["cannot install", "belongs to the user 1234", "nobody else"];
        install(folder).run().fails_with(&parts);
    }
    assert_eq!(names(&theirs), ["ours"]);
    assert!(names(&theirs.join("ours")).is_empty());
}

/// Whoever can replace the token's file can have another token sent, and the group of the folder reads the token.
#[test]
fn a_folder_that_others_control_takes_no_token() {
    let agent = generous_agent();
    let root = tempfile::tempdir().unwrap();
    let is_refused = |folder: &Path, why: &str| {
        let token = Serving::token_option(folder);
        for option in [None, Some("--token-group")] {
            let epicac = Epicac::asking(&agent).arg("serve").arg(Serving::ANY_PORT);
            let outcome = option
                .into_iter()
                .fold(epicac.arg(&token), Epicac::arg)
                .run();
            outcome.fails_with(&["no token for callers", why, "nobody else may write to"]);
        }
        assert_eq!(fs::read_dir(folder).unwrap().count(), 0);
    };
    is_refused(
        &folder(root.path(), "open", 0o777),
        "other users may write to",
    );
    let sticky = tempfile::tempdir_in(folder(root.path(), "sticky", 0o1777)).unwrap();
    drop(Serving::begin_in(sticky, Epicac::asking(&agent), &[]).ready());
    if !rustix::process::geteuid().is_root() {
        return skipped("only root can give a folder to somebody else");
    }
    let theirs = folder(root.path(), "theirs", 0o2777);
    chown(&theirs, Some(1234), Some(1234)).unwrap();
    is_refused(&theirs, "belongs to the user 1234");
}
