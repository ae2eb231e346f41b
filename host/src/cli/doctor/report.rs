//! Verdicts, and how they are printed.

use epicac_component::Told;
use epicac_component::printable::Line;
use serde::Serialize;
use std::env;
use std::fmt::{self, Display};
use std::io::{self, IsTerminal as _};

/// What became of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Verdict {
    /// It holds.
    Ok,
    /// It holds, but may not be what is meant.
    Warn,
    /// It does not hold, and an SDK gets no credentials, or not by this profile.
    Fail,
    /// There was nothing to check.
    Skipped,
}

/// One step of the way. The names and meanings of the members are stable: docs/doctor.md.
#[derive(Debug, Serialize)]
pub(super) struct Check {
    check: &'static str,
    verdict: Verdict,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    /// Whether the credentials themselves tell more than this check does.
    #[serde(skip)]
    is_hint: bool,
}

impl Check {
    pub(super) fn ok(check: &'static str, detail: impl Display) -> Self {
        Self::new(check, Verdict::Ok, &detail, None)
    }

    pub(super) fn skipped(check: &'static str, why: impl Display) -> Self {
        Self::new(check, Verdict::Skipped, &why, None)
    }

    pub(super) fn warn(check: &'static str, detail: impl Display, remedy: impl Display) -> Self {
        Self::new(check, Verdict::Warn, &detail, Some(&remedy))
    }

    pub(super) fn fail(check: &'static str, detail: impl Display, remedy: impl Display) -> Self {
        Self::new(check, Verdict::Fail, &detail, Some(&remedy))
    }

    /// A failure in its parts.
    pub(super) fn told(check: &'static str, told: Told) -> Self {
        let Told { what, why, remedy } = told;
        Self::fail(check, format_args!("{what}: {why}"), remedy)
    }

    /// What a run failed by.
    pub(super) fn run(check: &'static str, error: &epicac::Error) -> Self {
        match error.told() {
            Some(told) => Self::told(check, told),
            None => Self::failed(check, error),
        }
    }

    /// A failure that has its sentence already: `what failed: why (what to do)`.
    pub(super) fn failed(check: &'static str, sentence: impl Display) -> Self {
        let sentence = sentence.to_string();
        let (detail, remedy) = split(&sentence);
        Self::new(
            check,
            Verdict::Fail,
            &detail,
            remedy.as_ref().map(|it| it as &dyn Display),
        )
    }

    fn new(
        check: &'static str,
        verdict: Verdict,
        detail: &dyn Display,
        remedy: Option<&dyn Display>,
    ) -> Self {
        // Whatever comes from outside stays on the line.
        let line = |text: &dyn Display| Line(&text.to_string()).to_string();
        Self {
            check,
            verdict,
            detail: line(detail),
            remedy: remedy.map(line),
            is_hint: false,
        }
    }

    /// The same check, as one that counts less than the credentials.
    pub(super) fn into_hint(self) -> Self {
        Self {
            is_hint: true,
            ..self
        }
    }

    /// The same check, as something to know and not to fail by.
    pub(super) fn into_warning(self) -> Self {
        Self {
            verdict: Verdict::Warn,
            ..self
        }
    }

    /// Makes the failure of a hint a warning.
    pub(super) fn soften(&mut self) {
        if self.is_hint && self.verdict == Verdict::Fail {
            self.verdict = Verdict::Warn;
        }
    }

    pub(super) fn is_ok(&self) -> bool {
        self.verdict == Verdict::Ok
    }
}

/// A sentence without its remedy, and the remedy, which is what the last parentheses hold.
fn split(sentence: &str) -> (&str, Option<&str>) {
    let Some(inner) = sentence.strip_suffix(')') else {
        return (sentence, None);
    };
    let mut depth = 1;
    for (at, c) in inner.char_indices().rev() {
        match c {
            ')' => depth += 1,
            '(' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let (detail, remedy) = inner.split_at_checked(at).unwrap_or((sentence, ""));
            return (detail.trim_end(), remedy.strip_prefix('('));
        }
    }
    (sentence, None)
}

/// What may be said at the end, where no check failed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Claim {
    /// An SDK gets credentials.
    #[default]
    Credentials,
    /// It gets those that it assumes these roles with.
    ButRoles(String),
    /// Nothing: they come from what was not tried.
    Nothing,
}

/// All checks.
#[derive(Serialize)]
pub(super) struct Report {
    version: u8,
    ok: bool,
    checks: Vec<Check>,
    #[serde(skip)]
    claim: Claim,
}

impl Report {
    pub(super) fn new(checks: Vec<Check>, claim: Claim) -> Self {
        Self {
            version: 1,
            ok: checks.iter().all(|check| check.verdict != Verdict::Fail),
            checks,
            claim,
        }
    }

    /// Whether an SDK would succeed, as far as can be told without one.
    pub(super) fn is_well(&self) -> bool {
        self.ok
    }

    /// docs/doctor.md has what it means.
    pub(super) fn to_json(&self) -> String {
        // Texts, a number and a flag: that cannot fail.
        serde_json::to_string(self).unwrap_or_default() + "\n"
    }

    pub(super) fn to_text(&self, colour: bool) -> String {
        let mut text = String::new();
        for check in &self.checks {
            let (word, on) = check.verdict.shown();
            let (on, off) = if colour { (on, "\x1b[0m") } else { ("", "") };
            text += &format!("{on}{word:7}{off} {:11} {}", check.check, check.detail);
            if let Some(remedy) = &check.remedy {
                text += &format!(" ({remedy})");
            }
            text.push('\n');
        }
        let failed = self.checks.iter().filter(|it| it.verdict == Verdict::Fail);
        text += &match failed.count() {
            0 => format!("{}\n", self.claim),
            1 => "1 check failed.\n".to_owned(),
            many => format!("{many} checks failed.\n"),
        };
        text
    }
}

impl Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Credentials => f.write_str("An SDK in this container gets credentials."),
            Self::ButRoles(roles) => write!(
                f,
                "The pod's own role has credentials; whether {} may be assumed was not tried.",
                Line(roles)
            ),
            Self::Nothing => {
                f.write_str("No check failed; whether an SDK gets credentials was not tried.")
            }
        }
    }
}

impl Verdict {
    /// Its word, and its colour on a terminal.
    fn shown(self) -> (&'static str, &'static str) {
        match self {
            Self::Ok => ("ok", "\x1b[32m"),
            Self::Warn => ("warn", "\x1b[33m"),
            Self::Fail => ("FAIL", "\x1b[1;31m"),
            Self::Skipped => ("skipped", "\x1b[2m"),
        }
    }
}

/// Only on a terminal, and not for who does not want it: <https://no-color.org>.
pub(super) fn is_colour_wanted() -> bool {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty());
    let dumb = set("TERM").is_some_and(|value| value == "dumb");
    io::stdout().is_terminal() && set("NO_COLOR").is_none() && !dumb
}

/// A number of seconds for people: the two largest units of it.
pub(super) struct Span(pub(super) i64);

impl Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.unsigned_abs();
        let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86400);
        match (days, hours, minutes) {
            (0, 0, 0) => write!(f, "{seconds} s"),
            (0, 0, minutes) => write!(f, "{minutes} min {} s", seconds % 60),
            (0, hours, minutes) => write!(f, "{hours} h {} min", minutes % 60),
            (days, hours, _) => write!(f, "{days} d {} h", hours % 24),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_split_before_its_remedy() {
        for (sentence, detail, remedy) in [
            ("what: why (do that)", "what: why", Some("do that")),
            (
                "what (x): why (do (that))",
                "what (x): why",
                Some("do (that)"),
            ),
            ("what: why", "what: why", None),
            ("what: why)", "what: why)", None),
        ] {
            assert_eq!(split(sentence), (detail, remedy), "{sentence}");
        }
    }
}
