//! §4, the response: when the credentials expire.

use epicac_tests::{Answer, Epicac, credentials};

use crate::cases::{agent_with, each};

/// The `Expiration` that epicac prints for this one.
fn printed_for(expiration: &str) -> String {
    let agent = agent_with(Answer::json(&credentials::expiring_at(expiration)));
    let document = Epicac::asking(&agent).run().succeeds();
    document["Expiration"].as_str().unwrap().to_owned()
}

#[test]
fn any_offset_becomes_utc() {
    let cases = [
        ("2099-12-31T23:59:59Z", "2099-12-31T23:59:59Z"),
        ("2099-12-31T23:59:59+00:00", "2099-12-31T23:59:59Z"),
        ("2099-12-31T23:59:59-00:00", "2099-12-31T23:59:59Z"),
        ("2099-12-31T23:59:59+0000", "2099-12-31T23:59:59Z"),
        ("2099-12-31T23:59:59-0000", "2099-12-31T23:59:59Z"),
        ("2100-01-01T05:29:59+05:30", "2099-12-31T23:59:59Z"),
        ("2099-12-31T15:59:59-08:00", "2099-12-31T23:59:59Z"),
        ("2099-12-31T15:59:59-0800", "2099-12-31T23:59:59Z"),
        ("2096-02-29T23:30:00-01:00", "2096-03-01T00:30:00Z"),
        ("2096-03-01T00:30:00+01:00", "2096-02-29T23:30:00Z"),
        ("2100-03-01T00:30:00+01:00", "2100-02-28T23:30:00Z"),
        ("2099-06-15T12:00:00+23:59", "2099-06-14T12:01:00Z"),
        ("2099-12-31t23:59:59z", "2099-12-31T23:59:59Z"),
    ];
    each(&cases, |(given, printed)| {
        assert_eq!(printed_for(given), *printed)
    });
}

#[test]
fn a_fraction_is_rounded_down_to_whole_seconds() {
    let fractions = [
        "",
        ".0",
        ".5",
        ".999",
        ".999999",
        ".123456789",
        ".999999999",
    ];
    each(&fractions, |fraction| {
        let given = format!("2099-12-31T23:59:59{fraction}Z");
        assert_eq!(printed_for(&given), "2099-12-31T23:59:59Z");
    });
    assert_eq!(
        printed_for("2100-01-01T01:59:59.987654321+02:00"),
        "2099-12-31T23:59:59Z"
    );
}

#[test]
fn what_is_no_moment_fails_naming_the_field() {
    let cases = [
        "tomorrow",
        "4102444799",
        "2099-12-31",
        "2099-12-31T23:59:59",
        "2099-12-31T23:59Z",
        "2099-13-01T00:00:00Z",
        "2099-00-01T00:00:00Z",
        "2099-02-29T00:00:00Z",
        "2100-02-29T00:00:00Z",
        "2099-04-31T00:00:00Z",
        "2099-01-00T00:00:00Z",
        "2099-12-31T24:00:00Z",
        "2099-12-31T23:60:00Z",
        "2099-12-31T23:59:61Z",
        "2099-12-31T23:59:59.Z",
        "2099-12-31T23:59:59.1234567890Z",
        "2099-12-31T23:59:59,5Z",
        "2099-12-31T23:59:59+24:00",
        "2099-12-31T23:59:59+00:60",
        "2099-12-31T23:59:59+00",
        "2099-12-31T23:59:59 UTC",
        "2099-12-31T23:59:59ZZ",
        " 2099-12-31T23:59:59Z",
        "2099-12-31T23:59:59Z\n",
        "+2099-12-31T23:59:59Z",
        "-2099-12-31T23:59:59Z",
        "12099-12-31T23:59:59Z",
        "99-12-31T23:59:59Z",
        "２099-12-31T23:59:59Z",
        "20991231T235959Z",
    ];
    each(&cases, |expiration| {
        let agent = agent_with(Answer::json(&credentials::expiring_at(expiration)));
        Epicac::asking(&agent).run().fails_with(&["Expiration"]);
    });
}

#[test]
fn what_has_expired_fails() {
    let mut cases: Vec<String> = [-1, -60, -86_400].map(credentials::moment).into();
    cases.extend(
        [
            "1970-01-01T00:00:00Z",
            "2001-09-09T01:46:40Z",
            "0001-01-01T00:00:00Z",
        ]
        .map(str::to_owned),
    );
    each(&cases, |expiration| {
        let agent = agent_with(Answer::json(&credentials::expiring_at(expiration)));
        Epicac::asking(&agent).run().fails_with(&["expired"]);
        assert_eq!(agent.connections(), 1);
    });
}

#[test]
fn sixteen_seconds_left_are_fine() {
    let moment = credentials::moment(16);
    let whole = moment.split('.').next().unwrap();
    assert_eq!(printed_for(&moment), format!("{whole}Z"));
}
