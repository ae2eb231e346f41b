//! `epicac config`: a ready aws-config. What each option prints is in cmd/config-*.toml.

use epicac_tests::{Epicac, Sts};

use crate::cases::{each, generous_agent};
use crate::roles::{assuming, gets_role};

pub const DEST: &str = "dest_role=arn:aws:iam::222222222222:role/dest";

/// A run of `epicac config` with these options, as one would type them.
pub fn config(options: &str) -> Epicac {
    let words = options.split_whitespace();
    words.fold(Epicac::new().arg("config"), Epicac::arg)
}

#[test]
fn what_would_need_quotation_marks_is_wrong_usage() {
    let wrong: [&[&str]; 26] = [
        &["--profile", "dest_role"],
        &["--profile", "dest_role=dest"],
        &["--profile", "dest role=arn:aws:iam::222222222222:role/dest"],
        &["--profile", "=arn:aws:iam::222222222222:role/dest"],
        &["--profile", "a=arn:aws:iam::222222222222:role/$HOME"],
        &["--profile", "a=arn:aws:iam::222222222222:role/a\nregion=x"],
        &["--region", "Frankfurt"],
        &["--region", "us-east-1a"],
        &["--region", "ireland"],
        &["--region", "cn-north"],
        &["--region", "eu-central-1\n[profile x]"],
        &["--path", "epicac"],
        &["--path", "/"],
        &["--profile", DEST, "--external-id", "a"],
        &["--profile", DEST, "--duration", "+900"],
        &["--profile", DEST, "--duration", "0900"],
        &["--path", "/opt/a b/epicac"],
        &["--path", "/opt/$HOME/epicac"],
        &["--external-id", "id"],
        &["--duration", "3600"],
        &["--profile", DEST, "--external-id", "a b"],
        &["--profile", DEST, "--duration", "899"],
        &["--profile", DEST, "--duration", "3601"],
        &["--chain", "aws"],
        &["--chain", "epicac"],
        &["--runtime", "wasmer"],
    ];
    each(&wrong, |arguments| {
        let epicac = arguments.iter().fold(config(""), Epicac::arg);
        epicac.run().is_wrong_usage();
    });
}

#[test]
fn epicac_takes_the_command_that_is_printed() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let options = format!("--profile {DEST} --chain epicac --external-id=-abc --duration 900");
    let printed = config(&options).run().answers(0);
    let (_, command) = printed.split_once("/opt/epicac ").unwrap();
    let arguments: Vec<_> = command.split_whitespace().collect();
    gets_role(assuming(&agent, &sts, &arguments), 1);
    assert_eq!(sts.forms()[0]["ExternalId"], "-abc");
}

#[test]
fn an_aws_config_that_cannot_be_written_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let outcome = config("").stdout(full.unwrap()).run();
    outcome.fails_with(&["cannot write the answer"]);
}
