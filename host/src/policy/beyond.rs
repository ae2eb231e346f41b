//! What a policy admits. The policy of a file is compared, rule by rule, with the one that a run needs.

use super::error::{PolicyError, PolicyFailure};
use super::model::{Policy, ServeRule, ascii, tree};
use super::parse::MAX_BYTES;
use super::rules::{Comparison, RULES, Rule};
use super::values::PathRule;
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
        let needed = Self::effective(&grants)?;
        first(self.compare_run(&needed, None))?;
        Ok(Admitted::by_policy(grants, self.limits.clone()))
    }

    /// What a run would need beyond this policy, and what this policy wants of a run that it does not have: an error for
    /// each rule that is broken. `needed` is what the run needs. It has the layers of this wall, and the limits of this build.
    pub fn beyond(&self, needed: &Self, wall: &Wall) -> Vec<PolicyError> {
        self.compare_run(needed, Some(wall))
    }

    fn compare_run(&self, needed: &Self, wall: Option<&Wall>) -> Vec<PolicyError> {
        let shown = needed.without_task().to_tree();
        self.compare("", &needed.to_tree(), &shown, wall)
    }

    /// Whether the credentials may be served in this way; the error is the first thing about it that is not granted.
    pub fn check_serve(&self, serve: &ServeRule) -> Result<(), PolicyError> {
        let needed = Value::from_iter([("serve", tree(serve))]);
        first(self.compare("/serve", &needed, &needed, None))
    }

    /// Whether each layer that this policy requires stands; the error is the first one that does not.
    pub fn check_wall(&self, wall: &Wall) -> Result<(), PolicyError> {
        first(self.compare("/wall", &Value::Null, &Value::Null, Some(wall)))
    }

    /// Compares what a run needs, and the limits and layers that it has, with this policy, by the rules of this member and
    /// of those in it: a JSON pointer. Nothing is required of a wall that does not stand yet.
    fn compare(
        &self,
        member: &str,
        needed: &Value,
        shown: &Value,
        wall: Option<&Wall>,
    ) -> Vec<PolicyError> {
        let (granted, had) = (self.to_tree(), had(wall));
        let rules = RULES.iter().filter(|rule| rule.at.starts_with(member));
        // What only another build could change, component and limits, is told before the environment.
        let is_of_build = |rule: &&Rule| {
            rule.comparison == Comparison::AtMost || rule.at.starts_with("/component")
        };
        let (first, then): (Vec<_>, Vec<_>) = rules.partition(is_of_build);
        let errors = first.into_iter().chain(then);
        let errors = errors.flat_map(|rule| match rule.comparison {
            Comparison::AtMost | Comparison::Required => rule.beyond(&granted, &had, &had),
            _ => rule.beyond(&granted, needed, shown),
        });
        errors.collect()
    }

    /// The error for a run that went over this limit, if this build would have allowed more.
    pub fn stopped(&self, limit: Limit) -> Option<PolicyError> {
        let at = limit.pointer()?;
        let rule = RULES.iter().find(|rule| rule.at == at)?;
        let (granted, had) = (self.to_tree(), had(None));
        let (granted, most) = (rule.value(&granted)?, rule.value(&had)?);
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

/// What a run has: the limits of this build, and the layers that stand.
fn had(wall: Option<&Wall>) -> Value {
    Value::from_iter([
        ("limits", tree(&Limits::BUILT_IN)),
        ("wall", tree(&wall.map(Wall::standing))),
    ])
}

fn first(errors: Vec<PolicyError>) -> Result<(), PolicyError> {
    errors.into_iter().next().map_or(Ok(()), Err)
}

const GRANTS: &str = "the line that grants it";
const STOPPED: &str = "the component was stopped: it needs more than is granted";

impl Rule {
    /// The difference between the value of a run and the granted one, if there is one. `shown` is the same run without
    /// secrets.
    fn beyond(&self, granted: &Value, run: &Value, shown: &Value) -> Vec<PolicyError> {
        // If one side has no such object, the rule of the object tells it.
        let values = [granted, run, shown].map(|tree| self.value(tree));
        let [Some(granted), Some(run), Some(shown)] = values else {
            return Vec::new();
        };
        if let (Value::Array(granted), Value::Array(run)) = (granted, run) {
            let may_be_more = self.comparison == Comparison::Required;
            let may_be_less = self.comparison == Comparison::Granted;
            let more = run.iter().filter(|element| !granted.contains(element));
            let less = granted.iter().filter(|element| !run.contains(element));
            let more = more
                .filter(|_| !may_be_more)
                .map(|element| ("add to", element));
            let less = less
                .filter(|_| !may_be_less)
                .map(|element| ("leave out of", element));
            let of_element = |(verb, element)| self.beyond_by_element(verb, &json(element));
            return more.chain(less).map(of_element).collect();
        }
        let is_within = match self.comparison {
            Comparison::Equal => granted == run,
            Comparison::Granted => {
                let is_needed = !matches!(run, Value::Null | Value::Bool(false));
                !is_needed || granted == run || granted.is_object()
            }
            Comparison::Path => PathRule::deserialize(granted)
                .is_ok_and(|rule| run.as_str().is_some_and(|path| rule.grants(path))),
            Comparison::AtLeast => granted.as_u64() >= run.as_u64(),
            Comparison::Kept => granted != "required" || granted == run,
            Comparison::AtMost => granted.as_u64() <= run.as_u64(),
            // The wall does not stand yet.
            Comparison::Required => true,
        };
        match is_within {
            true => Vec::new(),
            false => vec![self.beyond_by(&self.line(shown))],
        }
    }

    /// The error that shows this line.
    pub(super) fn beyond_by(&self, line: &str) -> PolicyError {
        let remedy = match self.comparison {
            Comparison::AtMost => "the line of this build",
            Comparison::Kept => "the line that does without it",
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
