//! `epicac install DIR`: the program in its place, whole or not at all.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;
use std::process::Command;
use std::thread;

use epicac_tests::paths::names;
use epicac_tests::require::skipped;
use epicac_tests::{Epicac, Namespace, require};

use crate::config::DEST;

pub fn install(folder: &Path) -> Epicac {
    Epicac::new().arg("install").arg(folder)
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn it_puts_itself_there_executable_for_everybody() {
    let folder = tempfile::tempdir().unwrap();
    let made = folder.path().join("made");
    let said = install(&made).run().answers(0);
    let program = made.join("epicac");
    assert_eq!(said, format!("{}: installed\n", program.display()));
    assert!(fs::read(&program).unwrap() == fs::read(Epicac::path()).unwrap());
    assert_eq!(mode(&program), 0o755);
    assert_eq!(names(&made), ["epicac"]);
    let version = Command::new(&program).arg("--version").output().unwrap();
    assert!(version.stdout.starts_with(b"epicac 0."));
}

#[test]
fn the_umask_does_not_matter() {
    for umask in ["077", "000"] {
        let folder = tempfile::tempdir().unwrap();
        let made = folder.path().join("made");
        let umask = format!("umask {umask}; exec \"$@\"");
        let prefix = ["/bin/sh", "-c", &umask, "sh"];
        let epicac = install(&made).arg("--config").under(prefix);
        epicac.run().answers(0);
        assert_eq!(mode(&made), 0o755);
        assert_eq!(mode(&made.join("epicac")), 0o755);
        assert_eq!(mode(&made.join("aws-config")), 0o644);
    }
}

#[test]
fn what_is_there_already_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = || install(folder.path()).arg("--config").run().answers(0);
    run();
    let inode = |name| fs::metadata(folder.path().join(name)).unwrap().ino();
    let before = [inode("epicac"), inode("aws-config")];
    let said = run();
    assert_eq!(said.matches("is there already").count(), 2, "{said}");
    assert_eq!([inode("epicac"), inode("aws-config")], before);
}

#[test]
fn an_older_one_is_replaced_in_one_step() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("epicac");
    fs::write(&program, "an older one").unwrap();
    let older = fs::File::open(&program).unwrap();
    install(folder.path()).run().answers(0);
    assert!(fs::read(&program).unwrap() == fs::read(Epicac::path()).unwrap());
    // Who runs the older one keeps it.
    assert_eq!(std::io::read_to_string(older).unwrap(), "an older one");
    assert_eq!(names(folder.path()), ["epicac"]);
}

#[test]
fn many_at_once_leave_one() {
    let folder = tempfile::tempdir().unwrap();
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| install(folder.path()).run().answers(0));
        }
    });
    assert_eq!(names(folder.path()), ["epicac"]);
    assert!(fs::read(folder.path().join("epicac")).unwrap() == fs::read(Epicac::path()).unwrap());
}

#[test]
fn the_aws_config_names_it_where_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--profile", DEST, "--region", "eu-central-1"];
    let epicac = options.iter().fold(install(folder.path()), Epicac::arg);
    epicac.run().answers(0);
    let config = folder.path().join("aws-config");
    let expected = format!(
        "[profile dest_role]\nrole_arn = arn:aws:iam::222222222222:role/dest\nsource_profile = src_role\n\
         region = eu-central-1\n\n[profile src_role]\ncredential_process = {}/epicac\nregion = eu-central-1\n",
        folder.path().display()
    );
    assert_eq!(fs::read_to_string(&config).unwrap(), expected);
    let check = Epicac::new()
        .var("AWS_CONFIG_FILE", &config)
        .var("AWS_PROFILE", "dest_role");
    check.arg("config").arg("check").run().answers(0);

    // An application may see the volume at another path.
    let there = install(folder.path())
        .arg("--path")
        .arg("/opt/epicac/epicac");
    there.run().answers(0);
    let text = fs::read_to_string(&config).unwrap();
    assert!(
        text.contains("credential_process = /opt/epicac/epicac\n"),
        "{text}"
    );
}

#[test]
fn a_folder_whose_path_needs_quotation_marks_has_no_aws_config() {
    let folder = tempfile::tempdir().unwrap();
    let odd = folder.path().join("a b");
    install(&odd)
        .arg("--config")
        .run()
        .fails_with(&["invalid folder", "--path"]);
    assert!(names(folder.path()).is_empty());
    install(&odd).run().answers(0);
}

#[test]
fn what_is_no_folder_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "mine").unwrap();
    install(&file)
        .run()
        .fails_with(&["cannot install", "name a folder"]);
    install(&file.join("below"))
        .run()
        .fails_with(&["cannot install", "name a folder"]);
    install(&folder.path().join("a/b"))
        .run()
        .fails_with(&["cannot install", "No such file"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn a_folder_in_its_place_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("epicac/inner");
    fs::create_dir_all(&inner).unwrap();
    install(folder.path())
        .run()
        .fails_with(&["cannot install", "a folder is in the way"]);
    assert_eq!(names(folder.path()), ["epicac"]);
    assert!(inner.is_dir());
}

#[test]
fn where_somebody_else_may_not_write_nothing_changes() {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("epicac");
    fs::write(&program, "an older one").unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    let mut epicac = install(folder.path());
    if rustix::process::geteuid().is_root() {
        epicac = epicac.user(65534);
    }
    epicac
        .run()
        .fails_with(&["cannot install", "Permission denied", "runAsUser"]);
    assert_eq!(fs::read_to_string(&program).unwrap(), "an older one");
    assert_eq!(names(folder.path()), ["epicac"]);
}

/// As in a pod: an `emptyDir` is root's, and everybody may write to it.
#[test]
fn anybody_installs_into_a_volume() {
    let (Some(mount), Some(setpriv)) = (require("mount"), require("setpriv")) else {
        return;
    };
    if !rustix::process::geteuid().is_root() {
        return skipped("only root can become somebody else");
    }
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    let (there, log) = (folder.path().join("there"), folder.path().join("log"));
    fs::create_dir(&there).unwrap();
    let [mount, setpriv, there, log] =
        [&mount, &setpriv, &there, &log].map(|path| path.to_str().unwrap());
    let setup = format!("{mount} -t tmpfs -o mode=0777 none {there}");
    let Some(namespace) = Namespace::with(&["--mount"], &setup) else {
        return;
    };
    let listed =
        format!("\"$@\"; status=$?; cd {there}; stat -c '%u %a %n' * >{log}; exit $status");
    install(Path::new(there))
        .arg("--config")
        .under(namespace.prefix())
        .under(["/bin/sh", "-c", &listed, "sh"])
        .under([setpriv, "--reuid=1000660000", "--regid=0", "--clear-groups"])
        .run()
        .answers(0);
    assert_eq!(
        fs::read_to_string(log).unwrap(),
        "1000660000 644 aws-config\n1000660000 755 epicac\n"
    );
}

/// Installs into a file system that was set up so, in which an older one is already; it fails with these
/// words, and leaves the older one alone.
fn leaves_the_older_one(mount_options: &str, parts: &[&str]) {
    let Some(mount) = require("mount") else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (there, log) = (folder.path().join("there"), folder.path().join("log"));
    fs::create_dir(&there).unwrap();
    let [mount, there, log] = [&mount, &there, &log].map(|path| path.to_str().unwrap());
    let setup = format!(
        "{mount} -t tmpfs -o size=1m none {there}\nprintf older > {there}/epicac\n\
         {mount} -o remount,{mount_options} {there}"
    );
    let Some(namespace) = Namespace::with(&["--mount"], &setup) else {
        return;
    };
    let after =
        format!("\"$@\"; status=$?; cd {there}; ls -A >{log}; cat epicac >>{log}; exit $status");
    let outcome = install(Path::new(there))
        .under(namespace.prefix())
        .under(["/bin/sh", "-c", &after, "sh"])
        .run();
    outcome.fails_with(parts);
    assert_eq!(fs::read_to_string(log).unwrap(), "epicac\nolder");
}

#[test]
fn a_full_volume_keeps_what_it_has() {
    leaves_the_older_one("size=1m", &["cannot install", "No space left", "make room"]);
}

#[test]
fn a_read_only_volume_keeps_what_it_has() {
    leaves_the_older_one(
        "ro",
        &["cannot install", "Read-only file system", "emptyDir"],
    );
}

#[test]
fn without_a_folder_it_is_wrong_usage() {
    for arguments in [
        &["install"][..],
        &["install", "a", "b"],
        &["install", "a", "--runtime", "native"],
        &["install", "a", "--chain", "epicac"],
    ] {
        let epicac = arguments.iter().fold(Epicac::new(), Epicac::arg);
        epicac.run().is_wrong_usage();
    }
}
