//! The table of rules: each member has one, and each of them is documented.

use super::*;
use crate::policy::rules::RULES;

/// A policy in which nothing is left out.
fn whole() -> Policy {
    let asked = "URI=https://a.example/ FILE=/t AWS_CA_BUNDLE=/b HTTPS_PROXY=http://p.example:1";
    needed(&format!("{asked} ROLE=a SERVE /wall=[\"files\"]"))
}

fn leaves(value: &Value, at: String) -> Vec<String> {
    match value.as_object() {
        None => vec![at],
        Some(members) => members
            .iter()
            .flat_map(|(name, value)| leaves(value, format!("{at}/{name}")))
            .collect(),
    }
}

#[test]
fn each_member_that_is_printed_has_a_rule_and_each_rule_a_member() {
    let tree = serde_json::from_str(&whole().to_json()).unwrap();
    let leaves = leaves(&tree, String::new());
    let rules: Vec<_> = RULES.iter().map(|rule| rule.at).collect();
    for leaf in &leaves {
        assert!(rules.contains(&leaf.as_str()), "{leaf} has no rule");
    }
    for rule in rules {
        assert!(tree.pointer(rule).is_some(), "{rule} is not printed");
    }
}

#[test]
fn the_documentation_has_an_example_and_every_member() {
    let documentation = include_str!("../../../../docs/policy.md");
    let (_, rest) = documentation.split_once("```json\n").unwrap();
    let (json, _) = rest.split_once("```").unwrap();
    assert_eq!(parse(json).unwrap().to_json() + "\n", json);
    for rule in RULES {
        let row = format!("\n| `{}` |", rule.name());
        assert!(documentation.contains(&row), "{row}");
    }
}

/// What is asked for, and what a line of the table then begins with and holds.
const EXPLAINED: &str = "
URI=http://127.0.0.1/ | endpoint.host | 127.0.0.1
FILE=/t TOKEN=t | environment | wins over the token
FILE=/t | wall.files | enforced
FILE=/t | wall.tcp | does not allow it
FILE=/t | limits.fuel | 1000000000
URI=ftp://example.com/ | endpoint | a scheme other than http and https
URI=http://example.com/ | endpoint | names the host example.com
URI= | endpoint | is set
URI=https://a.example | endpoint.scheme | only under a policy file
URI=https://a.example | endpoint.ca_bundle | built in
ROLE=a --sts-endpoint=https://sts.example | roles.sts | only under a policy file
";

#[test]
fn each_line_is_explained() {
    let explained = |words: &str| {
        let wall = Wall::of(vec![Layer::Files]);
        explain(&needed(words), &asking(words), &wall)
    };
    for [words, rule, part] in rows(EXPLAINED) {
        let text = explained(words);
        let mut lines = text.lines();
        let begin = format!("{rule} ");
        let found = lines.any(|line| line.starts_with(&begin) && line.contains(part));
        assert!(found, "{rule} {part} in {text}");
    }
    let text = explained("URI=http://localhost TOKEN=a-secret FILE=/a\u{1b}[2J");
    for line in text.lines() {
        let cells: Vec<_> = line.split("  ").filter(|cell| !cell.is_empty()).collect();
        assert_eq!(cells.len(), 3, "{line}");
    }
    for never in ["not known to this program", "a-secret", "\u{1b}"] {
        assert!(!text.contains(never), "{never} in {text}");
    }
}
