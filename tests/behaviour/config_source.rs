//! §8: a profile in use gives credentials, by what an SDK takes in a pod; and what stands in their way is told once, by the
//! remedy that works.

use epicac_tests::Epicac;

use crate::cases::each;
use crate::config_check::{aws_config, checking};
use crate::config_form::{GOOD, is_told, told};

const ROLE: &str = "role_arn = arn:aws:iam::222222222222:role/dest\n";
const SOURCE: &str = "[profile s]\ncredential_process = EPICAC\n";

#[test]
fn a_profile_with_a_source_of_an_sdk_passes() {
    let sources = [
        "credential_process = EPICAC\n".to_owned(),
        "aws_access_key_id = AKIA\naws_secret_access_key = x\n".to_owned(),
        "aws_access_key_id = AKIA\naws_secret_access_key = x\naws_session_token = y\n".to_owned(),
        format!("{ROLE}source_profile = s\n{SOURCE}"),
        format!("{ROLE}source_profile = t\n[profile t]\n{ROLE}source_profile = s\n{SOURCE}"),
        format!("{ROLE}source_profile = p\naws_access_key_id = AKIA\naws_secret_access_key = x\n"),
        format!("{ROLE}credential_source = EcsContainer\n"),
        format!("{ROLE}credential_source = Ec2InstanceMetadata\n"),
        format!("{ROLE}web_identity_token_file = /var/run/token\nrole_session_name = app\n"),
        "sso_session = x\nsso_account_id = 222222222222\nsso_role_name = dev\n\
         [sso-session x]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n"
            .to_owned(),
        "login_session = arn:aws:iam::222222222222:user/me\n".to_owned(),
    ];
    each(&sources, |source| {
        assert_eq!(
            told(format!("[profile p]\n{source}").as_bytes(), 0),
            [""; 0]
        );
    });
}

/// An SDK that is asked for a single sign-on, and finds only a part of it, refuses the profile.
#[test]
fn a_part_of_a_single_sign_on_is_told() {
    const ASKED: &str = "sso_account_id = 222222222222\nsso_role_name = dev\n";
    const STARTED: &str = "sso_start_url = https://x\nsso_region = us-east-1\n";
    const SESSION: &str = "sso_session = x\n";
    #[rustfmt::skip]
    let cases = [
        ("sso_account_id = 222222222222\n".to_owned(), 2, "sso_role_name and sso_start_url and sso_region is missing"),
        (format!("sso_role_name = dev\n{STARTED}"), 2, "sso_account_id is missing"),
        (format!("{ASKED}sso_start_url = https://x\n"), 2, "sso_region is missing"),
        (format!("{ASKED}{STARTED}{SESSION}"), 6, "there is no [sso-session x]"),
        (format!("{ASKED}{SESSION}[sso-session y]\n{STARTED}"), 4, "there is no [sso-session x]"),
        (format!("sso_role_name = dev\n{SESSION}[sso-session x]\n{STARTED}"), 2, "sso_account_id is missing"),
        (format!("{ASKED}{SESSION}[sso-session x]\n"), 5, "sso_start_url and sso_region is missing"),
        (format!("{ASKED}{SESSION}[sso-session x]\nsso_region =\nsso_start_url = https://x\n"), 5, "sso_region is missing"),
        (format!("{ASKED}{SESSION}[sso-session x]\n{STARTED}  a = b\n"), 8, "remove the spaces"),
        (format!("{ASKED}{SESSION}sso_region = eu-west-1\n[sso-session x]\n{STARTED}"), 5, "sso_region is already at line 8"),
        (format!("{ASKED}sso_session =\n"), 4, "sso_session has no value"),
    ];
    each(&cases, |(text, line, why)| {
        is_told(format!("[profile p]\n{text}").as_bytes(), 1, *line, why);
        let leading = format!("[profile p]\n{ROLE}source_profile = s\n[profile s]\n{text}");
        let why = why.replace("line 8", "line 11");
        is_told(leading.as_bytes(), 1, line + 3, &why);
        let unused = format!("{GOOD}[profile q]\n{text}");
        is_told(unused.as_bytes(), 0, line + 3, &why);
    });
    each(
        &[
            STARTED,
            "sso_session = x\nsso_region = us-east-1\n[sso-session x]\nsso_start_url = https://x\nsso_region = us-east-1\n",
        ],
        |more| {
            let text = format!("[profile p]\n{ASKED}{more}");
            assert_eq!(told(text.as_bytes(), 0), [""; 0]);
        },
    );
}

/// No SDK takes what is nested for a value.
#[test]
fn a_source_whose_value_is_nested_is_told() {
    for key in [
        "credential_process",
        "role_arn",
        "login_session",
        "aws_access_key_id",
    ] {
        let text = format!("[profile p]\n{key} =\n  command = EPICAC\n  more = x\n");
        let why = format!("{key} has a value, and no properties that are nested in it");
        let lines = told(text.as_bytes(), 1);
        assert!(
            lines[0].starts_with("line 3: ") && lines[0].contains(&why),
            "{lines:?}"
        );
    }
    // These are nested, and what other tools have is theirs.
    let nested = "s3 =\n  a = b\napi_versions =\n  s3 = 2006-03-01\nof_a_tool =\n  a = b\n";
    assert_eq!(told(format!("{GOOD}{nested}").as_bytes(), 0), [""; 0]);
}

#[test]
fn the_profile_that_only_python_takes_is_told() {
    let check = |text: &str, newer: &str, older: &str| {
        let (_folder, path) = aws_config(text);
        let check = checking(&path).var("AWS_PROFILE", newer);
        check.var("AWS_DEFAULT_PROFILE", older).run()
    };
    let said = check(GOOD, "p", "q").answers(0);
    assert!(said.contains(", 1 warning\nwarning: Python and the AWS CLI take AWS_DEFAULT_PROFILE first, which names q (unset it"), "{said}");
    let said = check(GOOD, "", "p").answers(0);
    assert!(
        said.contains("\nwarning: AWS_DEFAULT_PROFILE names p, and the SDKs for Rust"),
        "{said}"
    );
    assert!(
        check(GOOD, "p", "p")
            .answers(0)
            .ends_with("nothing wrong\n")
    );
    let broken = check(&format!("{GOOD}a\n"), "p", "q");
    let stderr = String::from_utf8(broken.stderr).unwrap();
    let beginnings = [
        "epicac: warning: Python and",
        "epicac: invalid aws-config: ",
    ];
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
    for (line, beginning) in stderr.lines().zip(beginnings) {
        assert!(line.starts_with(beginning), "{stderr}");
    }
    check(GOOD, "q", "p").fails_with(&["AWS_PROFILE names q"]);
}

/// With none, an SDK asks the endpoint, and is the pod's own role.
#[test]
fn a_profile_without_credentials_is_told() {
    let others = [
        "",
        "region = eu-central-1\noutput = json\n",
        // This gives tokens alone.
        "sso_session = x\n[sso-session x]\nsso_region = us-east-1\n",
        // These are parts of a role that is not there.
        "external_id = id\nduration_seconds = 900\n",
    ];
    each(&others, |text| {
        let text = format!("[profile p]\n{text}");
        is_told(text.as_bytes(), 1, 1, "the profile p gives no credentials");
    });
    for key in ["web_identity_token_file", "sso_account_id", "login_session"] {
        let text = format!("[profile p]\n{key} =\n");
        is_told(text.as_bytes(), 1, 2, "has no value");
    }
    for (key, missing) in [
        ("aws_access_key_id", "aws_secret_access_key"),
        ("aws_secret_access_key", "aws_access_key_id"),
    ] {
        let text = format!("[profile p]\n{key} = x\n");
        is_told(text.as_bytes(), 1, 2, missing);
    }
    let leading = format!("[profile p]\n{ROLE}source_profile = s\n[profile s]\nsso_session = x\n");
    is_told(leading.as_bytes(), 1, 3, "the profile s has no credentials");
    for beside in ["aws_access_key_id = x\naws_secret_access_key = y\n", ""] {
        let text = format!("[profile p]\n{beside}{ROLE}");
        let line = text.lines().count();
        is_told(
            text.as_bytes(),
            1,
            line,
            "no credentials to assume the role with",
        );
    }
    // Another profile may be one of a tool.
    let unused = format!("{GOOD}[profile q]\nregion = us-east-1\n");
    assert_eq!(told(unused.as_bytes(), 0), [""; 0]);
}

#[test]
fn a_default_that_nobody_named_may_be_the_role_of_the_pod() {
    let (_folder, path) = aws_config("[default]\nregion = us-east-1\n");
    let check = || Epicac::new().arg("config").arg("check").arg(&path);
    let said = check().run().answers(0);
    assert!(
        said.contains("\nnote: AWS_PROFILE is not set and [default] gives no credentials"),
        "{said}"
    );
    let named = check().var("AWS_PROFILE", "default").run();
    named.fails_with(&["line 1: the profile default gives no credentials"]);
    let credentials = aws_config("[default]\naws_access_key_id = x\n");
    let in_file = check().var("AWS_SHARED_CREDENTIALS_FILE", &credentials.1);
    let said = in_file.run().answers(0);
    assert!(said.ends_with("nothing wrong\n"), "{said}");
}

#[test]
fn the_variable_that_names_the_profile_is_told() {
    let (_folder, path) = aws_config(GOOD);
    for variable in ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"] {
        let check = Epicac::new().arg("config").arg("check").arg(&path);
        let outcome = check.var(variable, "q").run();
        outcome.fails_with(&[&format!("{variable} names q, and there is no such profile")]);
    }
}

#[test]
fn a_key_that_sdks_nearly_know_is_named_with_the_right_one() {
    let role = "[profile p]\nrole_arn = arn:aws:iam::222222222222:role/dest\n";
    #[rustfmt::skip]
    let cases = [
        ("[profile p]\ncredentials_process = EPICAC\n".to_owned(), 2, "credential_process"),
        ("[profile p]\ncredential-process = EPICAC\n".to_owned(), 2, "credential_process"),
        ("[profile p]\nprocess_credential = EPICAC\n".to_owned(), 2, "credential_process"),
        ("[profile p]\ncredential_porcess = EPICAC\n".to_owned(), 2, "credential_process"),
        (format!("{role}source_profiles = s\n{SOURCE}"), 3, "source_profile"),
        (format!("{role}profile_source = s\n{SOURCE}"), 3, "source_profile"),
        (format!("{role}sourceProfile = s\n{SOURCE}"), 3, "source_profile"),
        (format!("[profile p]\nrole-arn = arn:aws:iam::222222222222:role/x\nsource_profile = s\n{SOURCE}" ), 2, "role_arn"),
        // What is wrong with the value is told when the key is right.
        ("[profile p]\ncredentials_process = ./epicac\n".to_owned(), 2, "credential_process"),
        // Beside the right one, it is still told.
        (format!("{GOOD}regions = us-east-1\n"), 4, "region"),
    ];
    each(&cases, |(text, line, known)| {
        is_told(text.as_bytes(), 1, *line, &format!("(write {known})"));
        is_told(text.as_bytes(), 1, *line, "no SDK knows the key");
    });
    // In a profile that is not used, it is a warning.
    let unused = format!("{GOOD}[profile q]\ncredential_proces = EPICAC\n");
    is_told(unused.as_bytes(), 0, 5, "(write credential_process)");
    // A key of another tool is its own affair.
    let others =
        "color = red\ninclude_profile = x\nmfa_process = y\ngranted_sso_region = us-east-1\n";
    assert_eq!(told(format!("{GOOD}{others}").as_bytes(), 0), [""; 0]);
}

#[test]
fn what_sts_or_a_pod_surely_refuses_is_told() {
    let role = |value: &str| format!("[profile p]\n{ROLE}source_profile = s\n{value}\n{SOURCE}");
    #[rustfmt::skip]
    let cases = [
        ("role_session_name = my app", "role_session_name is not one"),
        ("role_session_name = a", "role_session_name is not one"),
        ("external_id = x", "external_id is not one"),
        ("duration_seconds = 899", "from 900 to 43200"),
        ("duration_seconds = 43201", "from 900 to 43200"),
        ("duration_seconds = 1h", "from 900 to 43200"),
        ("duration_seconds = 7200", "at most 3600 seconds"),
        ("mfa_serial = arn:aws:iam::222222222222:mfa/me", "mfa_serial"),
    ];
    each(&cases, |(value, why)| {
        is_told(role(value).as_bytes(), 1, 4, why)
    });
    let arns = [
        "dest",
        "arn:aws:iam::222222222222:user/me",
        "arn:aws:sts::222222222222:role/x",
    ];
    each(&arns, |arn| {
        let text = format!("[profile p]\nrole_arn = {arn}\nsource_profile = s\n{SOURCE}");
        is_told(text.as_bytes(), 1, 2, "role_arn is not the ARN of a role");
    });
    let good = role("role_session_name = my-app\nexternal_id = x/1\nduration_seconds = 3600");
    assert_eq!(told(good.as_bytes(), 0), [""; 0]);
}

#[test]
fn one_cause_is_told_once() {
    #[rustfmt::skip]
    let cases = [
        // A command that goes on at the next line, as in a shell.
        ("[profile p]\ncredential_process = EPICAC \\\n  --role-arn arn:aws:iam::2:role/x \\\n  --region x\nregion = us-east-1\n", 2, "(write the whole command on one line)"),
        ("[profile p]\ncredential_process = EPICAC \\\n--role-arn=x\nregion = us-east-1\n", 2, "(write the whole command on one line)"),
        ("[profile p]\ncredential_process = EPICAC\n  --role-arn=x\n", 3, "(write the whole value on one line)"),
        ("[profile p]\nsource_profile = s\nrole_arn = arn:aws:iam::\n  222222222222:role/x\n[profile s]\ncredential_process = EPICAC\n", 4, "(write the whole value on one line)"),
        // The keys of another section are not missed in the first one.
        ("[profile p]\nregion = us-east-1\n[profile p]\ncredential_process = EPICAC\n", 3, "already at line 1"),
        ("[profile p]\nrole_arn = x y\nrole_arn = y\nsource_profile = s\n[profile s]\ncredential_process = EPICAC\n", 3, "role_arn is already at line 2"),
    ];
    each(&cases, |(text, line, why)| {
        is_told(text.as_bytes(), 1, *line, why)
    });
    let (_folder, path) = aws_config("[profile A-[b]/R]\ncredential_process = EPICAC\n");
    let outcome = checking(&path).var("AWS_PROFILE", "A-[b]/R").run();
    outcome.fails_with(&["line 1: not every SDK takes A-[b]/R for the name"]);
    // An option that begins a line in its first column breaks the file for Python and Rust, wherever it stands.
    let cut = format!("{GOOD}[profile q]\ncredential_process = EPICAC \\\n--region x\n");
    is_told(
        cut.as_bytes(),
        1,
        5,
        "(write the whole command on one line)",
    );
    let indented = cut.replace("--region", "  --region");
    is_told(
        indented.as_bytes(),
        0,
        5,
        "(write the whole command on one line)",
    );
}

#[test]
fn of_what_stands_beside_a_process_no_more_is_said_than_is_so() {
    const DIFFER: &str = "SDKs differ in which one they take";
    #[rustfmt::skip]
    let cases = [
        ("sso_account_id = 1\nsso_role_name = x\n", "sso_account_id and", DIFFER, "(remove one"),
        ("aws_access_key_id = x\naws_secret_access_key = y\n", "aws_access_key_id and", DIFFER, "(remove one"),
        ("login_session = x\n", "login_session and", DIFFER, "(remove one"),
        ("source_profile = p\n", "source_profile and", "which Go refuses", "(remove one"),
        ("credential_source = EcsContainer\n", "credential_source and", "which Go refuses", "(remove one"),
        (ROLE, "role_arn and", DIFFER, "(make two profiles, the first with role_arn"),
    ];
    each(&cases, |(beside, which, why, remedy)| {
        let text = format!("{GOOD}{beside}");
        is_told(text.as_bytes(), 1, 2, which);
        is_told(text.as_bytes(), 1, 2, why);
        is_told(text.as_bytes(), 1, 2, remedy);
    });
}

#[test]
fn the_region_of_another_store_is_anything() {
    let region = |region: &str, more: &str| {
        format!("[profile p]\ncredential_process = EPICAC\nregion = {region}\n{more}")
    };
    const STORE: &str = "endpoint_url = https://store.example.com\n";
    each(&["auto", "fr-par", "us-east-1a"], |code| {
        let own = region(code, STORE);
        let nested = region(code, &format!("s3 =\n  {STORE}"));
        let services = region(
            code,
            &format!("services = x\n[services x]\ns3 =\n  {STORE}"),
        );
        for text in [own, nested, services] {
            assert_eq!(told(text.as_bytes(), 0), [""; 0], "{text}");
        }
        let of_sts = region(
            code,
            &format!("services = x\n[services x]\nsts =\n  {STORE}"),
        );
        let elsewhere = region(code, &format!("[profile q]\n{STORE}"));
        for text in [of_sts, elsewhere] {
            is_told(text.as_bytes(), 1, 3, "is not the code of a region");
        }
    });
}

#[test]
fn a_value_that_may_be_a_secret_is_not_shown() {
    for key in [
        "aws_secret_access_key",
        "aws_session_token",
        "credential_process",
        "endpoint_url",
        "of_a_tool",
    ] {
        let text = format!("{GOOD}[profile q]\n{key} = \"hunter2\"\n");
        is_told(text.as_bytes(), 0, 5, &format!("write `{key} = …`"));
        let lines = told(text.as_bytes(), 0);
        assert!(!lines.concat().contains("hunter2"), "{lines:?}");
    }
}
