//! What a policy admits. The policy of a file is compared, rule by rule, with the one that a run needs.

use super::model::{Policy, ServeRule, ascii};
use super::parse::MAX_BYTES;
use super::rules::{Held, RULES, Rule};
use super::values::PathRule;
use crate::error::{PolicyError, PolicyFailure};
use crate::file;
use crate::grants::{Admitted, Grants};
use crate::limits::{Limit, Limits};
use crate::wall::Wall;
use epicac_component::printable::Line;
use serde::Deserialize as _;
use serde_json::Value;
use std::path::Path;

impl Policy {
    /// Reads the policy in the file at `path`.
    ///
    /// # Errors
    ///
    /// When there is no such file, or it cannot be read, or does not hold a policy.
    pub fn read(path: &Path) -> Result<Self, PolicyError> {
        let content = file::read(path, MAX_BYTES).map_err(|error| PolicyError::unreadable(&error));
        let policy = content.and_then(|content| Self::parse(&content));
        policy.map_err(|error| error.in_file(path))
    }

    /// Admits these grants if a run with them is within this policy. The result carries the policy's limits, and what
    /// only a policy can grant. The wall is judged later, [when it stands](Self::check_wall).
    ///
    /// # Errors
    ///
    /// The first of what they need beyond it. [`Policy::beyond`] has all.
    pub fn admit(&self, grants: Grants) -> Result<Admitted, PolicyError> {
        let mut needed = Self::effective(&grants)?;
        needed.wall.clone_from(&self.wall);
        self.check("", &needed)?;
        Ok(Admitted::by_policy(grants, self.limits.clone()))
    }

    /// What a run would need beyond this policy: an error for each rule that it breaks, and none when it is within it.
    ///
    /// Two members of `needed` are not what the run needs, but what it has: its limits are the highest of this build, and
    /// its wall has the layers that stand. This policy may not have higher limits, or require other layers.
    pub fn beyond(&self, needed: &Self) -> Vec<PolicyError> {
        self.beyond_below("", needed)
    }

    /// The same, by the rules of this member and of those in it: a JSON pointer.
    fn beyond_below(&self, member: &str, needed: &Self) -> Vec<PolicyError> {
        let shown = needed.without_task().to_tree();
        let (granted, needed) = (self.to_tree(), needed.to_tree());
        let rules = RULES.iter().filter(|rule| rule.at.starts_with(member));
        // What only another build could change, component and limits, is told before the environment.
        let mut rules: Vec<_> = rules.collect();
        rules.sort_by_key(|rule| rule.held != Held::AtMost && !rule.at.starts_with("/component"));
        let errors = rules
            .iter()
            .flat_map(|rule| rule.beyond(&granted, &needed, &shown));
        errors.collect()
    }

    /// Whether the credentials may be served in this way; the error is the first thing about it that is not granted.
    pub fn check_serve(&self, serve: ServeRule) -> Result<(), PolicyError> {
        let mut serving = self.clone();
        serving.serve = Some(serve);
        self.check("/serve", &serving)
    }

    /// Whether each layer that this policy requires stands; the error is the first one that does not.
    pub fn check_wall(&self, wall: &Wall) -> Result<(), PolicyError> {
        let mut standing = self.clone();
        standing.wall = wall.standing().to_vec();
        self.check("/wall", &standing)
    }

    /// The first of what goes beyond this member, if anything does.
    fn check(&self, member: &str, needed: &Self) -> Result<(), PolicyError> {
        let first = self.beyond_below(member, needed).into_iter().next();
        first.map_or(Ok(()), Err)
    }

    /// The error for a run that went over this limit, if this build would have allowed more.
    pub fn stopped(&self, limit: Limit) -> Option<PolicyError> {
        let mut most = self.clone();
        most.limits = Limits::BUILT_IN;
        let (granted, most) = (self.to_tree(), most.to_tree());
        // The member of a limit begins with its name.
        let at = format!("/limits/{limit}");
        let rule = RULES.iter().find(|rule| rule.at.starts_with(&at))?;
        let (granted, most) = (rule.value(&granted)?, rule.value(&most)?);
        (granted.as_u64() < most.as_u64()).then(|| rule.stopped(most))
    }

    /// The same policy without the id of an ECS task: the last segment of the path becomes `*`. It changes with each task,
    /// and is a secret, because it is enough to ask for the task's credentials.
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

const GRANTS: &str = "the line that grants it";
const STOPPED: &str = "the component was stopped: it needs more than is granted";

impl Rule {
    /// The difference between the needed policy and the granted one, if there is one. `shown` is the needed policy
    /// without secrets.
    fn beyond(&self, granted: &Value, needed: &Value, shown: &Value) -> Vec<PolicyError> {
        // If one policy has no such object, the rule of the object tells it.
        let values = [granted, needed, shown].map(|policy| self.value(policy));
        let [Some(granted), Some(needed), Some(shown)] = values else {
            return Vec::new();
        };
        if let (Value::Array(granted), Value::Array(needed)) = (granted, needed) {
            let is_more = |it: &&Value| self.held != Held::Required && !granted.contains(it);
            let is_less = |it: &&Value| self.held != Held::Granted && !needed.contains(it);
            let more = needed.iter().filter(is_more).map(|it| ("add to", it));
            let less = granted
                .iter()
                .filter(is_less)
                .map(|it| ("leave out of", it));
            let of_element = |(verb, it)| self.beyond_by_element(verb, &json(it));
            return more.chain(less).map(of_element).collect();
        }
        let is_within = match self.held {
            Held::Equal => granted == needed,
            Held::Granted => {
                let is_needed = !matches!(needed, Value::Null | Value::Bool(false));
                !is_needed || granted == needed || granted.is_object()
            }
            Held::Required => granted != "required" || granted == needed,
            Held::Path => PathRule::deserialize(granted)
                .is_ok_and(|rule| needed.as_str().is_some_and(|path| rule.grants(path))),
            Held::AtMost => granted.as_u64() <= needed.as_u64(),
            Held::AtLeast => granted.as_u64() >= needed.as_u64(),
        };
        match is_within {
            true => Vec::new(),
            false => vec![self.beyond_by(&self.line(shown))],
        }
    }

    /// The error that shows this line.
    pub(super) fn beyond_by(&self, line: &str) -> PolicyError {
        let remedy = match self.held {
            Held::AtMost => "the line of this build",
            Held::Required => "the line that does without it",
            _ => GRANTS,
        };
        self.error(self.beyond, remedy, line)
    }

    /// The error that shows an element, to `verb` (add to, leave out of) its list.
    pub(super) fn beyond_by_element(&self, verb: &str, element: &str) -> PolicyError {
        let remedy = format!("the line to {verb} \"{}\"", self.member());
        self.error(self.beyond, &remedy, &Line(element).to_string())
    }

    /// Its line with this value.
    fn line(&self, value: &Value) -> String {
        format!("\"{}\": {}", self.member(), json(value))
    }

    fn error(&self, why: &str, remedy: &str, line: &str) -> PolicyError {
        let why = format!("{}: {why}", self.name());
        PolicyError::new(PolicyFailure::Beyond, why, format!("{remedy} is {line}"))
    }

    /// The error for a run that was stopped by this limit.
    pub(super) fn stopped(&self, most: &Value) -> PolicyError {
        self.error(STOPPED, GRANTS, &self.line(most))
    }
}

fn json(value: &Value) -> String {
    ascii(&value.to_string())
}
