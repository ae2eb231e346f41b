//! `epicac config`: a ready aws-config, option by option.

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
fn every_option_is_in_the_aws_config() {
    let cases = [
        ("", "[profile src_role]\ncredential_process = /opt/epicac\n"),
        (
            "--region eu-central-1",
            "[profile src_role]\ncredential_process = /opt/epicac\nregion = eu-central-1\n",
        ),
        (
            "--path /opt/epicac/epicac",
            "[profile src_role]\ncredential_process = /opt/epicac/epicac\n",
        ),
        (
            "--runtime native",
            "[profile src_role]\ncredential_process = /opt/epicac\n",
        ),
        (
            "--runtime wasmtime",
            "[profile src_role]\ncredential_process = wasmtime run -S http \
             --env AWS_CONTAINER_CREDENTIALS_FULL_URI --env AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE \
             --dir /var/run/secrets/pods.eks.amazonaws.com/serviceaccount /opt/epicac.wasm\n",
        ),
        (
            "--profile dest_role=arn:aws:iam::222222222222:role/dest",
            "[profile dest_role]\nrole_arn = arn:aws:iam::222222222222:role/dest\n\
             source_profile = src_role\n\n\
             [profile src_role]\ncredential_process = /opt/epicac\n",
        ),
        (
            "--profile default=arn:aws:iam::222222222222:role/a --profile b=arn:aws:iam::333333333333:role/x/b \
             --external-id an/id=1 --duration 900 --region us-east-1",
            "[default]\nrole_arn = arn:aws:iam::222222222222:role/a\nsource_profile = src_role\n\
             external_id = an/id=1\nduration_seconds = 900\nregion = us-east-1\n\n\
             [profile b]\nrole_arn = arn:aws:iam::333333333333:role/x/b\nsource_profile = src_role\n\
             external_id = an/id=1\nduration_seconds = 900\nregion = us-east-1\n\n\
             [profile src_role]\ncredential_process = /opt/epicac\nregion = us-east-1\n",
        ),
        (
            "--chain epicac --profile a=arn:aws:iam::222222222222:role/a --profile b=arn:aws:iam::333333333333:role/b \
             --external-id id --duration 3600 --region us-east-1 --path /x/epicac",
            "[profile a]\ncredential_process = /x/epicac --role-arn=arn:aws:iam::222222222222:role/a \
             --external-id=id --duration=3600 --region=us-east-1\nregion = us-east-1\n\n\
             [profile b]\ncredential_process = /x/epicac --role-arn=arn:aws:iam::333333333333:role/b \
             --external-id=id --duration=3600 --region=us-east-1\nregion = us-east-1\n",
        ),
        (
            "--chain epicac --runtime wasmtime --profile a=arn:aws:iam::222222222222:role/a --path /x/epicac.wasm",
            "[profile a]\ncredential_process = wasmtime run -S http \
             --env AWS_CONTAINER_CREDENTIALS_FULL_URI --env AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE \
             --env AWS_REGION --env AWS_DEFAULT_REGION \
             --dir /var/run/secrets/pods.eks.amazonaws.com/serviceaccount /x/epicac.wasm \
             --role-arn=arn:aws:iam::222222222222:role/a\n",
        ),
    ];
    each(&cases, |(options, expected)| {
        assert_eq!(config(options).run().answers(0), *expected);
    });
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
fn profiles_that_do_not_go_together_fail() {
    for (options, parts) in [
        (
            format!("--profile {DEST} --profile {DEST}"),
            &["invalid profiles", "two of them are called dest_role"][..],
        ),
        (
            "--profile src_role=arn:aws:iam::222222222222:role/dest".to_owned(),
            &["invalid profiles", "src_role"],
        ),
    ] {
        config(&options).run().fails_with(parts);
    }
}

#[test]
fn the_aws_config_of_the_readme_is_printed_by_the_command_beside_it() {
    let readme = include_str!("../../README.md");
    let (before, _) = readme
        .split_once("prints\n\n```ini\n")
        .expect("the section");
    let (_, command) = before.rsplit_once("$ epicac config ").expect("the command");
    let (command, _) = command.split_once("\n```").expect("the end of the command");
    let printed = config(&command.replace("\\\n", " ")).run().answers(0);
    assert!(
        readme.contains(&format!("prints\n\n```ini\n{printed}```")),
        "{printed}"
    );
}

#[test]
fn an_aws_config_that_cannot_be_written_is_a_failure() {
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full");
    let outcome = config("").stdout(full.unwrap()).run();
    outcome.fails_with(&["cannot write the answer"]);
}
