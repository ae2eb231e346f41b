//! §4, the response: what a credentials document must hold.

use epicac_tests::{Answer, Epicac, credentials};
use serde_json::{Value, json};

use crate::cases::{agent_with, each, gets_credentials, valid};

/// A valid document with `field` set to `value`, or without it.
fn document_with(field: &str, value: Option<Value>) -> Value {
    let mut document = valid();
    match value {
        Some(value) => document[field] = value,
        None => drop(document.as_object_mut().unwrap().remove(field)),
    }
    document
}

/// What epicac makes of this document, which holds the usual credentials.
fn output_of(document: &Value) -> Value {
    gets_credentials(Epicac::asking(&agent_with(Answer::json(document))))
}

#[test]
fn a_required_field_that_is_missing_or_wrong_is_named_without_its_value() {
    let mut cases = Vec::new();
    for field in ["AccessKeyId", "SecretAccessKey", "Token", "Expiration"] {
        cases.push((field, None));
        for value in [
            json!(null),
            json!(""),
            json!(1234567890123456789_u64),
            json!(true),
            json!(["value-that-must-not-show"]),
            json!({ "value": "value-that-must-not-show" }),
        ] {
            cases.push((field, Some(value)));
        }
    }
    each(&cases, |(field, value)| {
        let agent = agent_with(Answer::json(&document_with(field, value.clone())));
        let epicac = Epicac::asking(&agent);
        let epicac = epicac
            .secret("value-that-must-not-show")
            .secret("1234567890123456789");
        epicac.run().fails_with(&[field]);
        assert_eq!(
            agent.connections(),
            3,
            "a 200 that does not parse is tried again"
        );
    });
}

#[test]
fn an_account_id_is_passed_on_as_the_same_string() {
    for account in ["000000000012", "123456789012", "0", "not a number"] {
        let output = output_of(&document_with("AccountId", Some(json!(account))));
        assert_eq!(output["AccountId"], account);
    }
}

#[test]
fn an_absent_or_empty_account_id_is_left_out() {
    for value in [None, Some(json!(""))] {
        let output = output_of(&document_with("AccountId", value));
        assert_eq!(output.get("AccountId"), None);
    }
}

#[test]
fn an_account_id_that_is_no_string_is_named() {
    each(
        &[json!(123456789012_u64), json!(["x"]), json!({})],
        |value| {
            let agent = agent_with(Answer::json(&document_with(
                "AccountId",
                Some(value.clone()),
            )));
            Epicac::asking(&agent).run().fails_with(&["AccountId"]);
        },
    );
}

#[test]
fn unknown_fields_are_ignored() {
    let mut document = valid();
    document["RoleArn"] = json!("arn:aws:iam::123456789012:role/x");
    document["Type"] = json!("AWS-HMAC");
    document["LastUpdated"] = json!("2026-01-01T00:00:00Z");
    document["Nested"] = json!({ "AccessKeyId": "another", "list": [1, 2.5e300, null, [{}]] });
    document["accesskeyid"] = json!("another");
    document["Expiry"] = json!("2001-01-01T00:00:00Z");
    let output = output_of(&document);
    assert_eq!(output.as_object().unwrap().len(), 6, "{output}");
}

#[test]
fn white_space_around_and_within_the_document_is_ignored() {
    let pretty = format!(
        "\r\n\t {} \n\n",
        serde_json::to_string_pretty(&valid()).unwrap()
    );
    let agent = agent_with(Answer::body(200, "application/json", pretty));
    gets_credentials(Epicac::asking(&agent));
}

#[test]
fn strings_may_be_escaped_in_any_way() {
    let expiration = credentials::moment(3600);
    let body = format!(
        r#"{{"\u0041ccessKeyId":"A\u0042C","SecretAccessKey":"a\/b\\c\"d","Token":"\u00e9\ud83d\ude00","Expiration":"{expiration}"}}"#
    );
    let agent = agent_with(Answer::body(200, "application/json", body));
    let output = Epicac::asking(&agent).run().succeeds();
    assert_eq!(output["AccessKeyId"], "ABC");
    assert_eq!(output["SecretAccessKey"], "a/b\\c\"d");
    assert_eq!(output["SessionToken"], "é😀");
}

#[test]
fn a_code_of_success_is_success() {
    for code in ["Code", "code"] {
        output_of(&document_with(code, Some(json!("Success"))));
    }
}

#[test]
fn another_code_fails_with_code_and_message() {
    let message = "the role cannot be assumed";
    let cases = [
        json!({ "Code": "AssumeRoleUnauthorizedAccess", "Message": message }),
        json!({ "code": "AssumeRoleUnauthorizedAccess", "message": message }),
        json!({ "Code": "AssumeRoleUnauthorizedAccess", "message": message, "LastUpdated": "x" }),
        json!({ "code": "AssumeRoleUnauthorizedAccess", "Message": message, "Type": null }),
    ];
    each(&cases, |case| {
        let agent = agent_with(Answer::json(case));
        Epicac::asking(&agent)
            .run()
            .fails_with(&["AssumeRoleUnauthorizedAccess", message]);
        assert_eq!(agent.connections(), 1);
    });
}

#[test]
fn another_code_fails_even_beside_credentials() {
    let mut document = document_with("Code", Some(json!("Failed")));
    document["Message"] = json!("stale");
    let agent = agent_with(Answer::json(&document));
    Epicac::asking(&agent)
        .run()
        .fails_with(&["Failed", "stale"]);
    assert_eq!(agent.connections(), 1);
}

#[test]
fn a_code_that_is_no_string_is_not_success() {
    for code in [json!(500), json!(true), json!(["Success"]), json!({})] {
        let mut document = document_with("Code", Some(code));
        document["Message"] = json!("stale");
        let agent = agent_with(Answer::json(&document));
        Epicac::asking(&agent).run().fails_with(&["stale"]);
        assert_eq!(agent.connections(), 1);
    }
    // Nothing is said by a null.
    output_of(&document_with("Code", Some(json!(null))));
}

#[test]
fn a_message_that_quotes_the_credentials_shows_none_of_them() {
    let mut document = document_with("Code", Some(json!("Failed")));
    for field in ["SecretAccessKey", "Token"] {
        let secret = "wJalrXUtnFEMI/K7MDENG";
        document[field] = json!(secret);
        document["Message"] = json!(format!("cannot use {secret}, sorry"));
        for status in [200, 403] {
            let body = document.to_string();
            let agent = agent_with(Answer::body(status, "application/json", body));
            let outcome = Epicac::asking(&agent).secret(secret).run();
            outcome.fails_with(&["Failed: cannot use [redacted], sorry"]);
        }
    }
}

#[test]
fn a_message_beside_a_code_is_made_harmless() {
    let message = format!(
        "\u{1b}[31mred\r\nepicac: all is well\u{7}{}",
        "x".repeat(5000)
    );
    let agent = agent_with(Answer::json(
        &json!({ "Code": "Bad\nCode", "Message": message }),
    ));
    let line = Epicac::asking(&agent).run().fails_with(&["red"]);
    assert!(
        line.chars().filter(|one| *one == 'x').count() <= 512,
        "{line}"
    );
}

#[test]
fn hostile_json_fails_cleanly() {
    let digits = "9".repeat(60_000);
    let bodies = [
        "[".repeat(60_000),
        "{\"a\":".repeat(10_000),
        format!("{{\"AccessKeyId\":{}", "[".repeat(60_000)),
        format!("{{\"Expiration\":{digits}}}"),
        format!(
            "{{\"Nested\":{}{}}}",
            "[".repeat(30_000),
            "]".repeat(30_000)
        ),
        format!("{{\"Token\":\"{}", "\\".repeat(60_000)),
        "{\"Token\":\"\\ud800\"}".to_owned(),
        "{\"Token\":\"\\u12\"}".to_owned(),
        "\u{feff}{}".to_owned(),
        "{\"AccessKeyId\":\"a\",}".to_owned(),
        "{'AccessKeyId':'a'}".to_owned(),
        "{\"Expiration\":1e999}".to_owned(),
        "null".to_owned(),
        "\"AccessKeyId\"".to_owned(),
        "\0".repeat(1000),
        valid().to_string().replace("ASIA", "ASIA\n"),
    ];
    each(&bodies, |body| {
        let agent = agent_with(Answer::body(200, "application/json", body.as_bytes()));
        Epicac::asking(&agent).run().fails_with(&[]);
        assert_eq!(agent.connections(), 3);
    });
    let binary: [&[u8]; 3] = [
        b"\xff\xfe{}",
        b"{\"Token\":\"\xc3\x28\"}",
        b"\x1f\x8b\x08\x00",
    ];
    each(&binary, |body| {
        let agent = agent_with(Answer::body(200, "application/json", *body));
        Epicac::asking(&agent).run().fails_with(&[]);
        assert_eq!(agent.connections(), 3);
    });
}

#[test]
fn a_truncated_document_fails_without_showing_its_part() {
    let body = valid().to_string();
    let cuts: Vec<usize> = (1..body.len()).step_by(29).collect();
    each(&cuts, |cut| {
        let agent = agent_with(Answer::body(
            200,
            "application/json",
            &body.as_bytes()[..*cut],
        ));
        Epicac::asking(&agent).run().fails_with(&[]);
        assert_eq!(agent.connections(), 3);
    });
}
