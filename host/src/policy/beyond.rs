//! Compares two policies rule by rule: the one of the file, and the one that this run needs.

use super::model::{Policy, ascii};
use super::rules::{Held, RULES, Rule};
use super::values::PathRule;
use crate::error::{PolicyError, PolicyFailure};
use epicac_component::printable::Line;
use serde_json::Value;

impl Rule {
    /// The difference between the needed policy and the granted one, if there is one. `shown` is the needed policy
    /// without secrets.
    fn beyond(&self, granted: &Value, needed: &Value, shown: &Value) -> Vec<PolicyError> {
        // Members of what is not there are told by the rule of the whole.
        let (parent, _) = self.at.rsplit_once('/').unwrap_or_default();
        if [granted, needed]
            .iter()
            .any(|it| it.pointer(parent).is_none_or(Value::is_null))
        {
            return Vec::new();
        }
        let [granted, needed, shown] =
            [granted, needed, shown].map(|tree| tree.pointer(self.at).unwrap_or(&Value::Null));
        let of_list = |verb: &str, element: &Value| {
            self.beyond_by_element(verb, &Line(&json(element)).to_string())
        };
        let is_within = match self.held {
            Held::Subset | Held::SameSet | Held::Stands => {
                let more = lacking(needed, granted).filter(|_| self.held != Held::Stands);
                let less = lacking(granted, needed).filter(|_| self.held != Held::Subset);
                let more = more.map(|it| of_list("add to", it));
                return more
                    .chain(less.map(|it| of_list("leave out of", it)))
                    .collect();
            }
            Held::Equal => granted == needed,
            Held::Named => matches!(needed, Value::Null | Value::Bool(false)) || granted == needed,
            Held::Whole => needed.is_null() || !granted.is_null(),
            Held::Path => grants_path(granted, needed),
            Held::AtMost => granted.as_u64() <= needed.as_u64(),
            Held::AtLeast => granted.as_u64() >= needed.as_u64(),
            Held::Required => granted != "required" || needed == "required",
        };
        match is_within {
            true => Vec::new(),
            false => vec![self.beyond_by(&self.line(shown))],
        }
    }

    /// The error that shows this line.
    fn beyond_by(&self, line: &str) -> PolicyError {
        let remedy = match self.held {
            Held::AtMost => "the line of this build",
            Held::Required => "the line that does without it",
            _ => GRANTS,
        };
        self.error(self.beyond, remedy, line)
    }

    /// The error that shows an element to `verb` its list.
    fn beyond_by_element(&self, verb: &str, element: &str) -> PolicyError {
        let remedy = format!("the line to {verb} \"{}\"", self.member());
        self.error(self.beyond, &remedy, element)
    }

    /// Its line with this value.
    fn line(&self, value: &Value) -> String {
        format!("\"{}\": {}", self.member(), json(value))
    }

    fn error(&self, why: &str, remedy: &str, line: &str) -> PolicyError {
        let why = format!("{}: {why}", self.name());
        PolicyError::new(PolicyFailure::Beyond, why, format!("{remedy} is {line}"))
    }

    /// What is told of a run that was stopped by this limit.
    pub(super) fn stopped(&self, most: &Value) -> PolicyError {
        self.error(STOPPED, GRANTS, &self.line(most))
    }
}

#[cfg(test)]
impl Rule {
    /// Every error of its, without what is shown.
    pub(super) fn examples(&self) -> Vec<PolicyError> {
        let verbs: &[&str] = match self.held {
            Held::Subset => &["add to"],
            Held::SameSet => &["add to", "leave out of"],
            Held::Stands => &["leave out of"],
            _ => return vec![self.beyond_by("…")],
        };
        let examples = verbs.iter().map(|verb| self.beyond_by_element(verb, "…"));
        examples.collect()
    }
}

const GRANTS: &str = "the line that grants it";
const STOPPED: &str = "the component was stopped: it needs more than is granted";

impl Policy {
    /// What a run would need beyond this policy: an error for each rule that it breaks, and none when it is within
    /// it. The limits of this policy have to be at most those of `needed`, and the layers of its wall among those of
    /// `needed`, which stand.
    pub fn beyond(&self, needed: &Self) -> Vec<PolicyError> {
        let shown = needed.without_task().to_tree();
        let (granted, needed) = (self.to_tree(), needed.to_tree());
        // A build that is another one is told before an environment.
        let mut rules: Vec<_> = RULES.iter().collect();
        rules.sort_by_key(|rule| rule.held != Held::AtMost && !rule.at.starts_with("/component"));
        let errors = rules
            .iter()
            .flat_map(|rule| rule.beyond(&granted, &needed, &shown));
        errors.collect()
    }

    /// The same policy in the form in which one would grant it. On ECS the last segment of the path changes with each
    /// task. It is also a secret: it is enough to ask for the task's credentials. So it is not shown.
    fn without_task(&self) -> Self {
        let mut policy = self.clone();
        if let Some(endpoint) = &mut policy.endpoint
            && endpoint.host.is_ecs()
            && let Some(any) = endpoint.path.with_any_last_segment()
        {
            endpoint.path = any;
        }
        policy
    }
}

/// The elements of one list that the other does not have.
fn lacking<'a>(all: &'a Value, among: &'a Value) -> impl Iterator<Item = &'a Value> {
    let elements = |list: &'a Value| list.as_array().into_iter().flatten();
    elements(all).filter(move |it| !elements(among).any(|other| other == *it))
}

fn grants_path(granted: &Value, needed: &Value) -> bool {
    let rule = serde_json::from_value::<PathRule>(granted.clone());
    let path = needed.as_str();
    rule.ok()
        .zip(path)
        .is_some_and(|(rule, path)| rule.grants(path))
}

fn json(value: &Value) -> String {
    ascii(&value.to_string())
}
