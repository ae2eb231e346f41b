//! Tests of what goes beyond a policy, and of the messages about it.

use super::*;
use crate::limits::Limit;

/// What is granted, what is needed, the rule that this breaks, and the line that would grant it.
const BEYOND: &str = r#"
URI=http://127.0.0.1/c FILE=/t TOKEN=t | | |
URI=http://127.0.0.1/c FILE=/t TOKEN=t | URI=http://127.0.0.1:80/c | |
URI=http://127.0.0.1/c FILE=/t TOKEN=t | URI=ftp://example.com/ TOKEN=other | |
FILE=/t | FILE=/t TOKEN=secret | environment | "AWS_CONTAINER_AUTHORIZATION_TOKEN"
FILE=/t | FILE=/ä | token_file | "token_file": "/\u00e4"
URI=garbage | URI=http://127.0.0.1/c | endpoint | "endpoint": {"method":"GET","scheme":"http","host":"127.0.0.1","port":80,"path":"/c"}
URI=http://127.0.0.1/c | URI=http://127.0.0.2/c | endpoint.host | "host": "127.0.0.2"
URI=http://127.0.0.1/c | URI=http://127.0.0.1:81/c | endpoint.port | "port": 81
URI=http://127.0.0.1/c | URI=http://127.0.0.1/c? | endpoint.path | "path": "/c?"
URI=http://localhost:1/c | URI=https://localhost:1/c | endpoint.scheme | "scheme": "https"
URI=https://a.example | URI=https://a.example AWS_CA_BUNDLE=/b | endpoint.ca_bundle | "ca_bundle": "/b"
URI=https://a.example AWS_CA_BUNDLE=/b | URI=https://a.example | endpoint.ca_bundle | "ca_bundle": null
URI=https://a.example AWS_CA_BUNDLE=/b | URI=https://a.example AWS_CA_BUNDLE=/b | |
--role-arn=ARN/a --external-id=an-id | | |
--role-arn=ARN/a --external-id=an-id | --role-arn=ARN/a --role-arn=ARN/a | |
--role-arn=ARN/a | --role-arn=ARN/b | roles.arns | "ARN/b"
--role-arn=ARN/a | --role-arn=ARN/a --region=us-west-2 | roles.sts | "https://sts.us-west-2.amazonaws.com"
--role-arn=ARN/a | --role-arn=ARN/a --tag=a=b | roles.parameters | "Tags"
--role-arn=ARN/a | --role-arn=ARN/a --duration=3601 | roles.max_duration_seconds | "max_duration_seconds": 3601
--role-arn=ARN/a | --role-arn=ARN/a HTTPS_PROXY=http://u:secret@p.example:1 | roles.proxy | "proxy": "http://p.example:1"
--role-arn=ARN/a | --role-arn=ARN/a AWS_CA_BUNDLE=/b | roles.ca_bundle | "ca_bundle": "/b"
"#;

#[test]
fn what_is_more_than_granted_names_its_rule_and_line() {
    let arn = |cell: &str| cell.replace("ARN/", "arn:aws:iam::111111111111:role/");
    for cells in rows::<4>(BEYOND) {
        let [granted, asked, rule, line] = cells.map(arn);
        let (granted, needed) = (needed(&granted), needed(&asked));
        match rule.as_str() {
            "" => assert_eq!(beyond(&granted, &needed), [""; 0], "{asked}"),
            rule => goes_beyond(&granted, &needed, rule, &line),
        }
    }
}

#[test]
fn roles_are_granted_as_a_whole_and_can_have_to_be_limited() {
    let granted = needed(ROLE);
    let mut other = granted.clone();
    other.roles.as_mut().unwrap().session_policy = SessionPolicy::Required;
    let line = r#""session_policy": "optional""#;
    goes_beyond(&other, &granted, "roles.session_policy", line);
    other.roles = None;
    let told = beyond(&other, &granted).concat();
    assert!(told.starts_with("beyond the policy: roles: ") && told.contains("role/a"));
}

#[test]
fn serving_is_granted_as_a_whole_and_then_by_each_of_its_members() {
    let told = |granted: &Policy, needed: ServeRule| match granted.check_serve(needed) {
        Ok(()) => String::new(),
        Err(error) => error.to_string(),
    };
    let needed = served("[::1]:1", "/t", true);
    let nothing = told(&self::needed(""), needed.clone());
    for part in [
        "beyond the policy: serve: ",
        "`epicac policy serve`",
        r#""serve": {"listen":"[::1]:1","token_file":"/t","token_group":true})"#,
    ] {
        assert!(nothing.contains(part), "{part} in {nothing}");
    }
    let granted = Policy::effective_to_serve(&[asking("")], needed.clone()).unwrap();
    assert_eq!(parse(&granted.to_json()), Ok(granted.clone()));
    for (needed, rule, line) in [
        (needed.clone(), "", ""),
        (served("[0::1]:01", "/./t", false), "", ""),
        (served("[::1]:2", "/t", false), "listen", r#""[::1]:2""#),
        (
            served("127.0.0.1:1", "/t", false),
            "listen",
            r#""127.0.0.1:1""#,
        ),
        (served("[::1]:1", "/u", false), "token_file", r#""/u""#),
    ] {
        let told = told(&granted, needed);
        let (begin, end) = match rule {
            "" => (String::new(), String::new()),
            rule => (
                format!("beyond the policy: serve.{rule}: "),
                format!(" is \"{rule}\": {line})"),
            ),
        };
        assert!(told.starts_with(&begin) && told.ends_with(&end), "{told}");
        assert_eq!(told.is_empty(), rule.is_empty(), "{told}");
    }
    let mut private = granted.clone();
    private.serve.as_mut().unwrap().token_group = false;
    let told = told(&private, served("[::1]:1", "/t", true));
    assert!(told.ends_with(r#""token_group": true)"#), "{told}");
    // Who serves nothing is within a policy that grants it.
    assert_eq!(beyond(&granted, &self::needed("")), [""; 0]);
}

#[test]
fn what_is_printed_of_several_profiles_admits_each_of_them() {
    let profiles = [
        asking(&format!(
            "{ROLE} --tag=a=b --policy-arn=arn:aws:iam::aws:policy/x"
        )),
        asking("--role-arn=arn:aws:iam::111111111111:role/b --region=us-west-2 --duration=7200"),
    ];
    let serve = served("127.0.0.1:1", "/t", false);
    let policy = Policy::effective_to_serve(&profiles, serve.clone()).unwrap();
    let roles = policy.roles.as_ref().unwrap();
    assert_eq!((roles.arns.len(), roles.sts.len()), (2, 2));
    assert_eq!(roles.parameters, [Parameter::PolicyArns, Parameter::Tags]);
    assert_eq!(roles.max_duration_seconds, 7200);
    assert_eq!(roles.session_policy, SessionPolicy::Optional);
    for profile in profiles {
        assert!(policy.admit(profile).is_ok());
    }

    let bundle = "AWS_CA_BUNDLE=/b";
    let profiles = [
        asking(&format!("{ROLE} {bundle}")),
        asking(&format!(
            "{ROLE} {bundle} --sts-endpoint=http://localhost:1"
        )),
    ];
    let error = Policy::effective_to_serve(&profiles, serve).unwrap_err();
    assert_eq!(error.failure(), PolicyFailure::Ungrantable);
}

#[test]
fn another_component_is_not_the_pinned_one() {
    let this = needed("");
    let mut other = this.clone();
    other.component.sha256 = "0".repeat(64);
    let line = format!("\"sha256\": \"{}\"", this.component.sha256);
    goes_beyond(&other, &this, "component.sha256", &line);
    let mut other = this.clone();
    let first = other.component.imports.remove(0);
    goes_beyond(&other, &this, "component.imports", &format!("\"{first}\""));
    let mut other = this.clone();
    other.component.imports.push("*".to_owned());
    goes_beyond(&other, &this, "component.imports", "\"*\"");
}

#[test]
fn limits_can_be_lower_and_not_higher() {
    let this = needed("");
    let mut other = this.clone();
    other.limits.requests = 1;
    assert_eq!(beyond(&other, &this), [""; 0]);
    assert_eq!(other.stopped(Limit::Fuel), None);
    assert_eq!(other.stopped(Limit::Stack), None);
    let stopped = other.stopped(Limit::Requests).unwrap().to_string();
    assert!(stopped.ends_with(" is \"requests\": 32)"), "{stopped}");
    other.limits.fuel = u64::MAX;
    goes_beyond(&other, &this, "limits.fuel", "\"fuel\": 1000000000");
}

#[test]
fn a_layer_of_the_wall_has_to_stand_where_it_is_required() {
    let mut this = needed("");
    this.wall = vec![Layer::Files, Layer::SystemCalls];
    let mut granted = needed("");
    assert_eq!(beyond(&granted, &this), [""; 0]);
    granted.wall = vec![Layer::SystemCalls];
    assert_eq!(beyond(&granted, &this), [""; 0]);
    granted.wall.push(Layer::Tcp);
    goes_beyond(&granted, &this, "wall", "\"tcp\"");
}

#[test]
fn the_id_of_an_ecs_task_is_not_shown() {
    let (granted, other) = (needed("PATH=/of/one-task"), needed("PATH=/of/another-task"));
    goes_beyond(&granted, &other, "endpoint.path", r#""path": "/of/*""#);
    let shown = beyond(&needed(""), &other).concat();
    assert!(shown.contains(r#""path":"/of/*""#) && !shown.contains("another-task"));
    let any = granted.to_json().replace("one-task", "*");
    assert_eq!(beyond(&parse(&any).unwrap(), &other), [""; 0]);
}

#[test]
fn what_only_a_policy_can_grant_is_admitted_by_one() {
    let grants = asking(&format!("{ROLE} --sts-endpoint=https://sts.example"));
    let is_granted = |admitted: crate::Admitted| admitted.roles().is_some_and(|it| it.is_ok());
    assert!(!is_granted(grants.clone().into()));
    let policy = Policy::effective(&grants).unwrap();
    assert!(is_granted(policy.admit(grants.clone()).unwrap()));
    assert!(needed("").admit(grants).is_err());
}
