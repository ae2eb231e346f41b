//! §2, the authorization token: the file is read again for each attempt, since tokens rotate.

use std::fs;
use std::path::PathBuf;

use epicac_tests::{Agent, Answer, Epicac};

use crate::cases::valid;
use crate::token_file::{project, projected};

/// Runs with a token file that says `first-token`, which `rotate` changes while the first attempt is
/// answered with 500. Gives the tokens that the agent saw.
fn tokens_seen(path: PathBuf, rotate: impl Fn() + Send + Sync + 'static) -> Vec<String> {
    let agent = Agent::start().unwrap();
    agent.handle(move |request| {
        Some(if request.number == 1 {
            rotate();
            Answer::text(500, "once more\n")
        } else {
            Answer::json(&valid())
        })
    });
    let epicac = Epicac::asking(&agent).token_file(path);
    epicac
        .secret("first-token")
        .secret("second-token")
        .run()
        .succeeds();
    let requests = agent.requests();
    let seen = requests
        .iter()
        .flat_map(|request| request.header_values("Authorization"));
    seen.map(str::to_owned).collect()
}

#[test]
fn a_file_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "first-token").unwrap();
    let rotate = {
        let path = path.clone();
        move || fs::write(&path, "second-token").unwrap()
    };
    assert_eq!(tokens_seen(path, rotate), ["first-token", "second-token"]);
}

#[test]
fn a_file_replaced_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "first-token").unwrap();
    let rotate = {
        let (new, path) = (folder.path().join("new"), path.clone());
        move || {
            fs::write(&new, "second-token").unwrap();
            fs::rename(&new, &path).unwrap();
        }
    };
    assert_eq!(tokens_seen(path, rotate), ["first-token", "second-token"]);
}

#[test]
fn a_projected_volume_updated_by_the_kubelet() {
    let (folder, path) = projected("first-token");
    let rotate = {
        let folder = folder.path().to_owned();
        move || project(&folder, "..2026_01_01_01_00_00.000000002", "second-token")
    };
    assert_eq!(tokens_seen(path, rotate), ["first-token", "second-token"]);
}

#[test]
fn a_file_that_is_gone_by_the_second_attempt_fails() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    fs::write(&path, "first-token").unwrap();
    let agent = Agent::start().unwrap();
    agent.handle({
        let path = path.clone();
        move |_| {
            fs::remove_file(&path).unwrap();
            Some(Answer::text(500, "once more\n"))
        }
    });
    let epicac = Epicac::asking(&agent)
        .token_file(&path)
        .secret("first-token");
    epicac.run().fails_with(&[path.to_str().unwrap()]);
    assert_eq!(agent.requests().len(), 1);
}
