//! What docs/matrix.md says of SDKs beside its table.

use std::process::Command;

use epicac_tests::aws::Aws;
use epicac_tests::{Answer, Application, Pod, paths};

use crate::sdk::{GO, PYTHON, Sdk};

/// The process, with a first and a last word in quotation marks; `--` asks epicac for nothing else.
fn error_of(sdk: &Sdk) -> Option<String> {
    let (epicac, mut command, aws) = (paths::epicac()?, (sdk.application)()?, Aws::start()?);
    let pod = Pod::new();
    let quoted = format!(r#""{}" "--""#, epicac.display());
    pod.prepare(&mut command, &quoted, &aws);
    let mut application = Application::start(&mut command, aws);
    application.version();
    let seen = application.call();
    application.end();
    Some(seen["error"].as_str().unwrap_or_default().to_owned())
}

#[test]
fn go_takes_the_first_and_the_last_quotation_mark_away() {
    if let (Some(go), Some(python)) = (error_of(&GO), error_of(&PYTHON)) {
        assert_eq!(python, "");
        assert!(go.contains("process provider"), "{go}");
    }
}

#[test]
fn a_session_of_python_that_failed_once_says_that_there_is_a_loop() {
    let (Some(epicac), Some(python)) = (paths::epicac(), paths::in_venv("python")) else {
        return;
    };
    let Some(aws) = Aws::start() else { return };
    let pod = Pod::new();
    pod.agent.always(Answer::text(403, "Access Denied\n"));
    let mut program = Command::new(python);
    program.args([
        "-c",
        "import boto3\n\
         session = boto3.Session()\n\
         for _ in range(2):\n\
         \x20   try: session.get_credentials()\n\
         \x20   except Exception as error: print(error)\n",
    ]);
    let output = pod.run(&mut program, &epicac.display().to_string(), &aws);
    let said = String::from_utf8_lossy(&output.stdout);
    let (first, second) = said.split_once('\n').unwrap_or_default();
    assert!(
        first.contains("epicac: ") && first.contains("403"),
        "{said}"
    );
    assert!(
        second.contains("Infinite loop in credential configuration detected"),
        "{said}"
    );
}
