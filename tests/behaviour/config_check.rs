//! `epicac config check [FILE]`: an aws-config against the form that all SDKs read alike (§8), with line and remedy.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use epicac_tests::Epicac;
use tempfile::TempDir;

use crate::cases::each;
use crate::config::{DEST, config};

const ROLE: &str = "role_arn = arn:aws:iam::222222222222:role/dest\n";

/// An aws-config of this text in a folder of its own, in which `EPICAC` stands for the path of a program.
pub fn aws_config(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("aws-config");
    let epicac = Epicac::path();
    fs::write(&path, text.replace("EPICAC", epicac.to_str().unwrap())).unwrap();
    (folder, path)
}

/// A check of the file that the environment names, in which the profile `p` is used.
pub fn checking(path: &PathBuf) -> Epicac {
    Epicac::new()
        .var("AWS_CONFIG_FILE", path)
        .var("AWS_PROFILE", "p")
        .var("AWS_REGION", "eu-central-1")
        .arg("config")
        .arg("check")
}

#[test]
fn what_every_sdk_reads_passes() {
    let texts = [
        "[profile p]\ncredential_process = EPICAC\n".to_owned(),
        format!(
            "# chained\n[profile p]\n{ROLE}source_profile = s\n\n[profile s]\ncredential_process = EPICAC --policy /p\n"
        ),
        "[default]\nregion = us-gov-west-1\ncli_pager =\ns3 =\n  a = b\n\tc = d#e\n  f =\n\
         [profile p] ; ours\ncredential_process\t=\tEPICAC \n# [profile p]\n;\n[plugins]\n\
         [profile a/b.%@:+-_9]\noutput=text#1;2\n[sso-session x]\nsso_region = us-east-1\n\
         [services a/b.%@:+-_9]\ns3 =\n  endpoint_url = http://x\ndynamodb =\n  endpoint_url = http://y\n"
            .to_owned(),
        format!("[profile p]\r\n{ROLE}credential_source = EcsContainer\r\n"),
    ];
    each(&texts, |text| {
        let (_folder, path) = aws_config(text);
        let said = checking(&path).run().answers(0);
        assert!(said.ends_with("nothing wrong\n"), "{said}");
    });
}

#[test]
fn what_is_generated_passes() {
    let epicac = Epicac::path();
    let path = epicac.to_str().unwrap();
    for options in [
        format!("--path {path} --profile {DEST} --duration 3600 --external-id id"),
        format!("--path {path} --profile {DEST} --chain epicac --region eu-central-1"),
    ] {
        let text = config(&options).run().answers(0);
        let (_folder, path) = aws_config(&text);
        let checking = checking(&path).var("AWS_PROFILE", "dest_role");
        assert!(checking.run().answers(0).ends_with("nothing wrong\n"));
    }
}

#[test]
fn each_flaw_is_named_with_its_line_and_remedy() {
    let source = "[profile s]\ncredential_process = EPICAC\n";
    const KEYS: &str = "[profile r]\naws_access_key_id = AKIA\naws_secret_access_key = x\n";
    #[rustfmt::skip]
    let cases: Vec<(String, &[&str])> = vec![
        (format!("[profile p]\n{ROLE}source_profile = s\ncredential_process = EPICAC\n{source}"), &["line 4: role_arn and credential_process are in one profile", "make two profiles"]),
        ("[profile p]\ncredential_process = ./epicac\n".to_owned(), &["line 2", "relative path", "write an absolute path"]),
        ("[profile p]\ncredential_process = $HOME/epicac\n".to_owned(), &["line 2", "`$`", "as they are"]),
        ("[profile p]\ncredential_process = ''\n".to_owned(), &["line 2"]),
        ("[profile p]\ncredential_process = EPICAC \"\\$X\"\n".to_owned(), &["line 2", "`$`"]),
        ("[profile p]\ncredential_process = EPICAC --tag a=*\n".to_owned(), &["line 2", "`*`"]),
        ("[profile p]\ncredential_process = ~/epicac\n".to_owned(), &["line 2", "`~`"]),
        ("[profile p]\ncredential_process = EPICAC `id`\n".to_owned(), &["line 2", "``"]),
        ("[profile p]\ncredential_process = EPICAC | cat\n".to_owned(), &["line 2", "`|`"]),
        ("[profile p]\ncredential_process = 'EPICAC\n".to_owned(), &["line 2", "without its end", "close it"]),
        ("[profile p]\ncredential_process = A=b EPICAC\n".to_owned(), &["line 2", "sets a variable"]),
        (format!("[profile p]\n{ROLE}source_profile = nobody\n"), &["line 3: there is no profile nobody", "add [profile nobody]"]),
        (format!("[profile p]\n{ROLE}source_profile = s\n[profile s]\nregion = us-east-1\n"), &["line 3: the profile s has no credentials", "credential_process"]),
        (format!("[profile p]\n{ROLE}source_profile = p\n"), &["line 3: source_profile leads back"]),
        (format!("[profile p]\n{ROLE}"), &["line 2: role_arn has no credentials", "add source_profile"]),
        (format!("[profile p]\nsource_profile = s\n{source}"), &["line 2: source_profile does nothing without role_arn", "add role_arn"]),
        (format!("[profile p]\n{ROLE}source_profile = s\nduration_seconds = 43200\n{source}"), &["line 4", "at most 3600 seconds"]),
        ("[profile p]\ncredential_process = /nowhere/epicac\n".to_owned(), &["line 2", "/nowhere/epicac, which is not there", "epicac install DIR"]),
        ("[profile p]\ncredential_process = /nowhere/epicac\u{200b}\n".to_owned(), &["line 2", "/nowhere/epicac\\u{200b}, which is not there"]),
        (format!("[profile p]\n{ROLE}source_profile = s\u{200b}\n{source}"), &["line 3", "there is no profile s\\u{200b}"]),
        ("[profile p]\ncredential_process = /etc/passwd\n".to_owned(), &["line 2", "/etc/passwd, which this user cannot execute", "mode 0755"]),
        ("[profile p]\ncredential_process = aws-vault exec x\n".to_owned(), &["line 2", "aws-vault, which is not there", "add that program to the image"]),
        ("[profile other]\ncredential_process = EPICAC\n".to_owned(), &["AWS_PROFILE names p, and there is no such profile", "add [profile p]"]),
        (format!("[profile p]\n{ROLE}source_profile = q\nduration_seconds = 7200\n[profile q]\n{ROLE}source_profile = r\n{KEYS}"), &["line 4", "at most 3600 seconds"]),
    ];
    each(&cases, |(text, parts)| {
        let (_folder, path) = aws_config(text);
        let parts: Vec<&str> = [&["invalid aws-config", path.to_str().unwrap()], *parts].concat();
        checking(&path).run().fails_with(&parts);
        // The file may be named, too, and then it is the one.
        let elsewhere = PathBuf::from("/nowhere");
        checking(&elsewhere).arg(&path).run().fails_with(&parts);
    });
}

#[test]
fn all_flaws_are_told() {
    let (_folder, path) = aws_config("region = x\n[p]\n[profile q]\ncredential_process = ./x\n");
    let outcome = checking(&path).run();
    assert_eq!(outcome.status.code(), Some(1));
    let stderr = String::from_utf8(outcome.stderr).unwrap();
    let at = |kind: &str, line: u8| format!("epicac: {kind}: {}: line {line}: ", path.display());
    let beginnings = [
        at("warning", 4),
        at("invalid aws-config", 1),
        at("invalid aws-config", 2),
    ];
    assert_eq!(stderr.lines().count(), beginnings.len(), "{stderr}");
    for (line, beginning) in stderr.lines().zip(beginnings) {
        assert!(line.starts_with(&beginning), "{line}");
    }
}

#[test]
fn what_an_sdk_may_do_without_is_noted() {
    let (_folder, path) = aws_config("[profile p]\ncredential_process = EPICAC\n");
    let check = || Epicac::new().arg("config").arg("check").arg(&path);
    let said = check().var("AWS_PROFILE", "p").run().answers(0);
    assert!(
        said.contains("\nnote: neither the profile p nor AWS_REGION"),
        "{said}"
    );
    let said = check().run().answers(0);
    assert!(said.contains("\nnote: AWS_PROFILE is not set"), "{said}");
}

#[test]
fn many_profiles_are_read() {
    let profile = |n| format!("[profile p{n}]\n{ROLE}source_profile = p\nregion = eu-central-1\n");
    let profiles: String = (0..2_000).map(profile).collect();
    let text = format!("[profile p]\ncredential_process = EPICAC\n{profiles}");
    let (_folder, path) = aws_config(&text);
    let said = checking(&path).run().answers(0);
    assert!(said.contains("2001 profiles"), "{said}");
}

#[test]
fn the_home_folder_and_the_credentials_file_are_looked_at() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir(home.path().join(".aws")).unwrap();
    let text = format!("[profile p]\n{ROLE}source_profile = keys\n");
    fs::write(home.path().join(".aws/config"), text).unwrap();
    fs::write(home.path().join(".aws/credentials"), "[keys]\n").unwrap();
    let check = || {
        Epicac::new()
            .arg("config")
            .arg("check")
            .var("AWS_PROFILE", "p")
    };
    check().var("HOME", home.path()).run().answers(0);
    check().run().fails_with(&["no aws-config"]);
}

#[test]
fn a_file_that_cannot_be_read_fails() {
    let folder = tempfile::tempdir().unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let path = folder.path().join("aws-config");
    checking(&path)
        .run()
        .fails_with(&["unreadable aws-config", "no such file"]);
    let of_folder = folder.path().to_owned();
    checking(&of_folder)
        .run()
        .fails_with(&["unreadable aws-config", "a directory"]);
    checking(&"/dev/zero".into())
        .run()
        .fails_with(&["not a regular file"]);
    fs::write(&path, b"\xff").unwrap();
    checking(&path)
        .run()
        .fails_with(&["line 1: this is not UTF-8"]);
    fs::write(&path, "#".repeat((256 << 10) + 1)).unwrap();
    checking(&path)
        .run()
        .fails_with(&["more than 262,144 bytes"]);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    let mut epicac = checking(&path);
    if rustix::process::geteuid().is_root() {
        epicac = epicac.user(65534);
    }
    epicac
        .run()
        .fails_with(&["permission denied", "readable for this user"]);
}
