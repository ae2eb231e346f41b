//! The effective policy as a table for people, with the reason of each line.

use super::model::Policy;
use super::rules::{RULES, Rule};
use crate::grants::{Grants, is_sts_built_in};
use crate::wall::{Layer, Wall};
use epicac_component::endpoint::Endpoint;
use epicac_component::printable::Line;
use serde_json::Value;
use std::fmt::Write as _;

/// The effective policy `policy` of `grants`, behind this wall, as a table: rule, what is granted, and why.
pub fn explain(policy: &Policy, grants: &Grants, wall: &Wall) -> String {
    let tree = policy.to_tree();
    let mut rows = vec![row("RULE", "GRANTED", "WHY")];
    for rule in RULES {
        rows.extend(match rule.at {
            "/wall" => Layer::ALL.map(|layer| of_layer(rule, layer, wall)).to_vec(),
            _ => of_member(rule, &tree, grants),
        });
    }
    rows.push(row("everything else", "-", "denied: it is not named above"));
    to_text(&rows)
}

/// Rule, what is granted, and why: each one line of printable text.
type Row = [String; 3];

fn row(rule: &str, granted: &str, why: &str) -> Row {
    [rule, granted, why].map(|cell| Line(cell).to_string())
}

fn of_member(rule: &Rule, tree: &Value, grants: &Grants) -> Vec<Row> {
    let of_value = |value: &Value| {
        let text = match value {
            Value::String(text) => text.clone(),
            value => value.to_string(),
        };
        row(&rule.name(), &text, reason(rule, &text))
    };
    let nothing = |why: &str| vec![row(&rule.name(), "-", why)];
    match rule.value(tree) {
        None | Some(Value::Object(_)) => Vec::new(),
        Some(Value::Array(list)) if !list.is_empty() => list.iter().map(of_value).collect(),
        Some(Value::Null | Value::Array(_)) => match rule.at {
            "/endpoint" => nothing(&without_endpoint(grants)),
            "/endpoint/ca_bundle" if tree.pointer("/endpoint/scheme") == Some(&"http".into()) => {
                Vec::new()
            }
            "/endpoint/ca_bundle" | "/roles/ca_bundle" => {
                nothing("TLS trusts the authorities that are built in")
            }
            _ => nothing("nothing of the kind is needed here"),
        },
        Some(value) => vec![of_value(value)],
    }
}

/// Why this is granted: the reason of the rule, except for an STS that only a policy file can grant.
fn reason(rule: &Rule, value: &str) -> &'static str {
    let sts = Endpoint::from_full_uri(value);
    if rule.at == "/roles/sts" && sts.is_ok_and(|sts| !is_sts_built_in(&sts)) {
        return "neither AWS's own nor on this machine: asked only under a policy file that names it";
    }
    rule.reason(value)
}

fn without_endpoint(grants: &Grants) -> String {
    let error = grants.endpoint().err();
    error.map_or_else(String::new, ToString::to_string)
}

/// Without a policy file no layer is required, so the table says whether it stands.
fn of_layer(rule: &Rule, layer: Layer, wall: &Wall) -> Row {
    let name = layer.to_string();
    let why = rule.reason(&name);
    let member = format!("{}.{name}", rule.name());
    if !wall.standing().contains(&layer) {
        let why = format!("this kernel or container does not allow it: {why}");
        return row(&member, "unavailable", &why);
    }
    row(&member, "enforced", why)
}

fn to_text(rows: &[Row]) -> String {
    let width = |cell: fn(&Row) -> &String| {
        let widths = rows.iter().map(|row| cell(row).chars().count());
        // A longer cell shifts only its own line.
        let widths = widths.filter(|width| *width <= 80);
        widths.max().unwrap_or_default()
    };
    let (first, second) = (width(|[rule, ..]| rule), width(|[_, granted, _]| granted));
    let mut text = String::new();
    for [rule, granted, why] in rows {
        let _ = writeln!(text, "{rule:first$}  {granted:second$}  {why}");
    }
    text
}
