//! Checks with their verdicts, and how they are printed. The findings are in `finding.rs`.

use super::finding::{Finding, Verdict};
use epicac_component::Message;
use epicac_component::printable::Line;
use serde::Serialize;

/// One step of the way. The names and meanings of the members are stable: docs/doctor.md.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    pub(super) check: &'static str,
    pub(super) verdict: Verdict,
    detail: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    remedy: String,
}

impl From<Finding> for Check {
    fn from(finding: Finding) -> Self {
        let (check, verdict) = finding.checked();
        Self::new(check, verdict, &finding.to_string(), finding.remedy())
    }
}

impl Check {
    pub(super) fn new(check: &'static str, verdict: Verdict, detail: &str, remedy: &str) -> Self {
        // Whatever comes from outside stays on the line.
        Self {
            check,
            verdict,
            detail: Line(detail).to_string(),
            remedy: Line(remedy).to_string(),
        }
    }

    pub(super) fn failed(check: &'static str, message: &Message) -> Self {
        let Message { what, why, remedy } = message;
        Self::new(check, Verdict::Fail, &format!("{what}: {why}"), remedy)
    }

    /// Whether it did not fail.
    pub(super) fn holds(&self) -> bool {
        self.verdict != Verdict::Fail
    }

    /// What a run failed by.
    pub(super) fn run(check: &'static str, error: &epicac::Error) -> Self {
        match error.message() {
            Some(message) => Self::failed(check, &message),
            None => Self {
                check,
                verdict: Verdict::Fail,
                detail: error.to_string(),
                remedy: String::new(),
            },
        }
    }
}

/// All checks.
#[derive(Serialize)]
pub(super) struct Report {
    version: u8,
    /// Whether an SDK would succeed, as far as can be told without one.
    pub(super) ok: bool,
    checks: Vec<Check>,
    #[serde(skip)]
    claim: String,
}

impl Report {
    pub(super) fn new(checks: Vec<Check>, claim: String) -> Self {
        Self {
            version: 1,
            ok: checks.iter().all(Check::holds),
            checks,
            claim,
        }
    }

    /// docs/doctor.md has what it means.
    pub(super) fn to_json(&self) -> String {
        // Texts, a number and a flag: that cannot fail.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    pub(super) fn to_text(&self) -> String {
        let mut text = String::new();
        for it in &self.checks {
            let (word, check, detail) = (it.verdict.word(), it.check, &it.detail);
            text += &match &*it.remedy {
                "" => format!("{word:7} {check:11} {detail}\n"),
                remedy => format!("{word:7} {check:11} {detail} ({remedy})\n"),
            };
        }
        let failed = self.checks.iter().filter(|it| !it.holds());
        text += &match failed.count() {
            0 => format!("{}\n", self.claim),
            1 => "1 check failed.\n".to_owned(),
            many => format!("{many} checks failed.\n"),
        };
        text
    }
}

/// A number of seconds for people: the two largest units of it.
pub(super) fn span(seconds: i64) -> String {
    let seconds = seconds.unsigned_abs();
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min {} s", seconds % 60),
        (0, hours, minutes) => format!("{hours} h {} min", minutes % 60),
        (days, hours, _) => format!("{days} d {} h", hours % 24),
    }
}
