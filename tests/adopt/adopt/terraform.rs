//! `deploy/terraform`: the policies as Terraform's expression language makes them, what they say, and moto, which
//! enforces them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use epicac_adopt::{ask, place};
use serde_json::{Value, json};

const CLUSTER: &str = "arn:aws:eks:eu-central-1:111111111111:cluster/production";
const SOURCE: &str = "arn:aws:iam::111111111111:role/source";
const DESTINATION: &str = "arn:aws:iam::222222222222:role/dest";

fn folder(name: &str) -> PathBuf {
    place::repository("deploy/terraform").join(name)
}

/// The local values of a module.
fn locals(name: &str, more: Value) -> Option<Value> {
    let module = module(name, more)?.unwrap_or_else(|why| panic!("{name}: {why}"));
    assert_eq!(module["unknown"], json!({}), "{name}");
    Some(module["locals"].clone())
}

/// A module with the variables that it wants, and more or others.
fn module(name: &str, more: Value) -> Option<Result<Value, String>> {
    let variables = match name {
        "source-role" => json!({
            "name": "source", "cluster_name": "production", "namespace": "orders",
            "service_accounts": ["reporting", "import"], "destination_role_arns": [DESTINATION],
        }),
        _ => json!({"name": "dest", "source_role_arns": [SOURCE]}),
    };
    let roots = json!({
        "var": merged(variables, more),
        "data": {"aws_eks_cluster": {"this": {"arn": CLUSTER}}},
    });
    ask::terraform("module", &[folder(name), roots.to_string().into()])
}

fn source(more: Value) -> Option<Value> {
    locals("source-role", more)
}

fn destination(more: Value) -> Option<Value> {
    locals("destination-role", more)
}

fn merged(mut variables: Value, more: Value) -> Value {
    let Value::Object(more) = more else {
        panic!("variables are an object");
    };
    variables.as_object_mut().expect("an object").extend(more);
    variables
}

#[test]
fn everything_is_formatted_as_terraform_does() {
    let files = files(&folder(""));
    assert!(files.len() > 10, "{files:?}");
    let Some(unformatted) = ask::terraform("formatted", &files) else {
        return;
    };
    assert_eq!(unformatted, Ok(json!([])));
}

/// The form is judged by our own script, which is judged by these.
#[test]
fn another_form_is_found() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let cases = [
        (
            "a \"b\" {\n  one   = 1\n  three = [\n    2,\n  ]\n}\n",
            false,
        ),
        ("a \"b\" {\n  one = 1\n  three = [\n    2,\n  ]\n}\n", true),
        ("a \"b\" {\n  one   = 1\n  three = 3\n}\n", true),
        ("a \"b\" {\n  one = 1\n  three = 3\n}\n", false),
        ("a \"b\" {\n  one =  1\n}\n", false),
        ("a \"b\" {\n   one = 1\n}\n", false),
        ("a \"b\" {\n\tone = 1\n}\n", false),
        ("a \"b\" {\n  one = 1 \n}\n", false),
        ("a \"b\" {\n  one = f({\n    two = 2\n  })\n}\n", true),
        ("a \"b\" {\n  one = f({\n      two = 2\n  })\n}\n", false),
    ];
    let mut files = Vec::new();
    for (number, (text, _)) in cases.iter().enumerate() {
        files.push(folder.path().join(format!("{number}.tf")));
        fs::write(&files[number], text).expect("the block can be written");
    }
    let Some(unformatted) = ask::terraform("formatted", &files) else {
        return;
    };
    let bad = files.iter().zip(cases).filter(|(_, (_, good))| !good);
    let bad: Vec<&PathBuf> = bad.map(|(file, _)| file).collect();
    assert_eq!(unformatted, Ok(json!(bad)));

    fs::write(&files[0], "a = {\n").expect("the block can be written");
    let unreadable = ask::terraform("formatted", &files[..1]);
    assert!(unreadable.is_some_and(|answer| answer.is_err()));
}

/// Every .tf file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder can be listed");
    let paths = entries.map(|entry| entry.expect("the folder can be listed").path());
    paths
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .filter(|path| path.extension().is_some_and(|end| end == "tf"))
        .collect()
}

#[test]
fn pod_identity_may_assume_the_source_role_and_tag_its_session() {
    let Some(locals) = source(json!({})) else {
        return;
    };
    let statement = json!({
        "Sid": "PodIdentity", "Effect": "Allow",
        "Principal": {"Service": "pods.eks.amazonaws.com"},
        "Action": ["sts:AssumeRole", "sts:TagSession"],
        "Condition": {"StringEquals": {
            "aws:RequestTag/eks-cluster-arn": CLUSTER,
            "aws:RequestTag/kubernetes-namespace": "orders",
            "aws:RequestTag/kubernetes-service-account": ["import", "reporting"],
        }},
    });
    assert_eq!(locals["trust_policy"], policy(&json!([statement])));
}

/// Without the tags a condition on them would shut everybody out.
#[test]
fn without_session_tags_there_is_no_condition_on_them() {
    let Some(locals) = source(json!({"disable_session_tags": true})) else {
        return;
    };
    let statement = &locals["trust_policy"]["Statement"][0];
    assert_eq!(statement["Condition"], Value::Null);
    assert_eq!(
        statement["Action"],
        json!(["sts:AssumeRole", "sts:TagSession"])
    );
}

#[test]
fn the_source_role_may_become_the_named_roles_and_do_nothing_else() {
    let Some(locals) = source(json!({})) else {
        return;
    };
    let statement = json!({
        "Sid": "AssumeDestinationRoles", "Effect": "Allow",
        "Action": ["sts:AssumeRole", "sts:TagSession"], "Resource": [DESTINATION],
    });
    assert_eq!(locals["permissions"], policy(&json!([statement])));
}

#[test]
fn the_destination_role_trusts_the_source_role_and_its_transitive_tags() {
    let Some(locals) = destination(json!({})) else {
        return;
    };
    let statements = json!([
        {"Sid": "SourceRoles", "Effect": "Allow", "Principal": {"AWS": [SOURCE]},
         "Action": "sts:AssumeRole"},
        {"Sid": "TheirSessionTags", "Effect": "Allow", "Principal": {"AWS": [SOURCE]},
         "Action": "sts:TagSession"},
    ]);
    assert_eq!(locals["trust_policy"], policy(&statements));
}

#[test]
fn the_conditions_of_the_destination_role_are_on_assuming_it() {
    let tags = json!({"kubernetes-namespace": "orders"});
    for (more, conditions) in [
        (json!({"external_id": "x"}), json!({"sts:ExternalId": "x"})),
        (
            json!({"principal_tags": tags}),
            json!({"aws:PrincipalTag/kubernetes-namespace": "orders"}),
        ),
        (
            json!({"principal_tags": tags, "external_id": "x"}),
            json!({"aws:PrincipalTag/kubernetes-namespace": "orders", "sts:ExternalId": "x"}),
        ),
    ] {
        let Some(locals) = destination(more) else {
            return;
        };
        let [assume, tag] = [0, 1].map(|index| &locals["trust_policy"]["Statement"][index]);
        assert_eq!(assume["Condition"], json!({"StringEquals": conditions}));
        assert_eq!(tag["Condition"], Value::Null);
    }
}

/// A role that may become no other, or any, is a mistake.
#[test]
fn roles_are_named_and_there_is_at_least_one() {
    for (name, variable) in [
        ("source-role", "destination_role_arns"),
        ("destination-role", "source_role_arns"),
    ] {
        for (arns, good) in [
            (json!([SOURCE, DESTINATION]), true),
            (json!([]), false),
            (json!([SOURCE, "arn:aws:iam::222222222222:role/*"]), false),
            (json!(["arn:aws:iam::222222222222:root"]), false),
        ] {
            let Some(answer) = module(name, json!({variable: arns})) else {
                return;
            };
            match answer {
                Ok(_) => assert!(good, "{name} takes {arns}"),
                Err(why) => assert!(!good && why.contains("At least one"), "{arns}: {why}"),
            }
        }
    }
}

/// `for_each` takes no keys that are known only after `apply`, which the ARNs of new policies are.
#[test]
fn policies_of_the_destination_role_have_names_that_can_be_planned_with() {
    const POLICY: &str = "arn:aws:iam::222222222222:policy/read-data";
    for (policies, good) in [
        (json!({"read_data": POLICY}), true),
        (json!([POLICY]), false),
    ] {
        let Some(answer) = module("destination-role", json!({"policy_arns": policies})) else {
            return;
        };
        assert_eq!(answer.is_ok(), good, "{answer:?}");
    }
}

/// The document that the README shows to whoever has the destination role already.
#[test]
fn the_readme_shows_the_trust_policy_of_the_module() {
    let variables = json!({"source_role_arns": [
        "arn:aws:iam::111111111111:role/my-application-source"
    ]});
    let Some(locals) = destination(variables) else {
        return;
    };
    let readme = Path::new("deploy/terraform/README.md");
    let blocks = epicac_adopt::markdown::blocks(readme);
    let shown: Vec<Value> = blocks
        .iter()
        .filter(|block| block.language == "json")
        .map(|block| serde_json::from_str(&block.text).expect("it is JSON"))
        .collect();
    assert_eq!(shown, [locals["trust_policy"].clone()]);
}

/// Whoever calls a module names variables that it has, and all that have no default.
#[test]
fn the_example_gives_each_module_what_it_wants() {
    let read = |name| {
        let answer = ask::terraform("module", &[folder(name), r#"{"var": {}}"#.into()])?;
        Some(answer.unwrap_or_else(|why| panic!("{name}: {why}")))
    };
    let Some(example) = read("examples/complete") else {
        return;
    };
    for (module, required) in [
        (
            "source-role",
            &["name", "cluster_name", "namespace", "service_accounts"][..],
        ),
        ("destination-role", &["name", "source_role_arns"]),
    ] {
        let address = format!("module.{}", module.replace('-', "_"));
        let given = texts(&example["attributes"][&address]);
        let Some(called) = read(module) else {
            return;
        };
        let blocks = texts(&called["blocks"]);
        for name in given
            .iter()
            .filter(|name| !["source", "providers", "version"].contains(&name.as_str()))
        {
            let variable = format!("variable.{name}");
            assert!(blocks.contains(&variable), "{module} has no {variable}");
        }
        for name in required {
            assert!(given.contains(*name), "{address} lacks {name}");
        }
    }
}

fn texts(value: &Value) -> BTreeSet<String> {
    let elements = value.as_array().into_iter().flatten();
    elements
        .filter_map(|element| element.as_str().map(str::to_owned))
        .collect()
}

/// moto takes the documents as IAM would, and enforces the source role's permission. It evaluates no trust policy
/// across accounts and no `sts:TagSession`, which is why the documents are compared above.
#[test]
fn moto_lets_the_source_role_into_the_destination_role_and_no_other() {
    let (Some(source), Some(destination)) = (source(json!({})), destination(json!({}))) else {
        return;
    };
    let roles = json!({
        "source_trust": source["trust_policy"], "source_permissions": source["permissions"],
        "destination_trust": destination["trust_policy"], "destination": DESTINATION,
    });
    let script = place::repository("tests/adopt/adopt/iam.py");
    let Some(answer) = ask::python(&script, &[], &roles.to_string()) else {
        return;
    };
    let answer = answer.unwrap_or_else(|why| panic!("{why}"));
    let seen: Value = serde_json::from_str(&answer).expect("the script answers in JSON");
    let expected = json!({
        "destination": "arn:aws:sts::222222222222:assumed-role/dest/pod",
        "another role": "AccessDenied",
        "another action": "AccessDenied",
        "the destination role once sts:AssumeRole is gone": "AccessDenied",
    });
    assert_eq!(seen, expected);
}

fn policy(statements: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statements})
}
