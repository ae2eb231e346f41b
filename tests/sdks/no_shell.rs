//! Images without a shell: epicac stands in for it. The application with the SDK for Go is one static file, in a root
//! that holds nothing else but epicac; those with others at least find no other shell on their `PATH`.

use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use epicac_tests::aws::Aws;
use epicac_tests::root::{self, in_root};
use epicac_tests::{Application, Pod, credentials, paths, require};
use serde_json::Value;

use crate::flow::saw_the_other_account;
use crate::sdk::{GO, JAVA, RUST, Sdk};

/// Who runs there: nobody that this machine knows.
const ANYBODY: &str = "12345:12345";

/// What the application with the SDK for Go sees there, where epicac stands in for the shell or not.
fn seen(with_shell: bool) -> Option<Value> {
    let (epicac, application) = (paths::epicac()?, (GO.application)()?);
    let root = root::folder(0o755);
    let at = |name: &str| root.path().join(name);
    for folder in ["bin", "etc", "opt"] {
        fs::create_dir(at(folder)).expect("a folder can be made");
    }
    fs::copy(&epicac, at("opt/epicac")).expect("the program can be copied");
    fs::copy(application.get_program(), at("application")).expect("the application can be copied");
    if with_shell {
        symlink("/opt/epicac", at("bin/sh")).expect("a link can be made");
    }

    let (pod, aws) = (Pod::new(), Aws::start()?);
    let mut command = in_root(root.path(), ANYBODY, &[], &["/application"])?;
    pod.prepare(&mut command, "/opt/epicac", &aws);
    for (from, to) in [
        (pod.folder().join("aws-config"), "etc/aws-config"),
        (pod.token_file(), "etc/token"),
    ] {
        fs::copy(from, at(to)).expect("a file can be copied");
    }
    command
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("AWS_CONFIG_FILE", "/etc/aws-config")
        .env("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/etc/token");
    let mut application = Application::start(&mut command, aws);
    application.version();
    let seen = application.call();
    application.end();
    Some(seen)
}

/// The application with this SDK, which finds no program by its name but a shell that is epicac.
fn finds_no_other_shell(sdk: &Sdk) {
    let (Some(epicac), Some(mut command)) = (paths::epicac(), (sdk.application)()) else {
        return;
    };
    let Some(aws) = Aws::start() else { return };
    let pod = Pod::new();
    let folder = root::folder(0o755);
    symlink(epicac, folder.path().join("sh")).expect("a link can be made");
    // Nothing is there: a shell would not find it.
    pod.prepare(&mut command, "/nowhere/epicac", &aws)
        .env("PATH", folder.path());
    let mut application = Application::start(&mut command, aws);
    application.version();
    let seen = application.call();
    application.end();
    saw_the_other_account(&seen);
}

#[test]
fn epicac_stands_in_for_the_shell_of_rust() {
    finds_no_other_shell(&RUST);
}

#[test]
fn epicac_stands_in_for_the_shell_of_java() {
    finds_no_other_shell(&JAVA);
}

#[test]
fn epicac_stands_in_for_the_shell_of_go() {
    if let Some(seen) = seen(true) {
        saw_the_other_account(&seen);
    }
}

#[test]
fn without_a_shell_go_cannot_start_it() {
    if let Some(seen) = seen(false) {
        let error = seen["error"].as_str().unwrap_or_default();
        assert!(
            error.contains("\"sh\": executable file not found"),
            "{seen}"
        );
    }
}

/// The process provider of the AWS Common Runtime, by which Swift, C++, Mountpoint and others start a command.
const COMMON_RUNTIME: &str = "
from awscrt.auth import AwsCredentialsProvider
provider = AwsCredentialsProvider.new_process(profile_to_use='p')
print(provider.get_credentials().result(30).access_key_id)
";

/// It runs `/bin/sh`, whatever `PATH` says: for this test alone, that is epicac.
#[test]
fn epicac_stands_in_for_the_shell_of_the_common_runtime() {
    const OVER_SH: &str = "set -e\nmount --bind \"$0\" \"$(readlink -f /bin/sh)\"\nexec \"$@\"";
    let (Some(epicac), Some(python)) = (paths::epicac(), paths::in_venv("python")) else {
        return;
    };
    let Some(unshare) = require("unshare") else {
        return;
    };
    let pod = Pod::new();
    let config = pod.folder().join("aws-config");
    fs::write(
        &config,
        "[profile p]\ncredential_process = /nowhere/epicac\n",
    )
    .expect("it can be written");
    let mut command = Command::new(unshare);
    if !rustix::process::geteuid().is_root() {
        command.arg("--map-root-user");
    }
    let output = command
        .args(["--mount", "/bin/sh", "-c", OVER_SH])
        .args([epicac, python])
        .args(["-c", COMMON_RUNTIME])
        .env_clear()
        .env("PATH", env::var_os("PATH").unwrap_or_default())
        .env("AWS_CONFIG_FILE", config)
        .envs(pod.added_by_eks(&pod.token_file()))
        .output()
        .expect("unshare starts");
    let printed = String::from_utf8_lossy(&output.stdout);
    assert_eq!(printed.trim(), credentials::ACCESS_KEY_ID, "{output:?}");
}
