//! Whether this machine's clock is right enough for AWS, which refuses signatures that are five minutes off.

use super::report::{Check, Span};
use epicac_component::Timestamp;

/// How far off a signature may be: <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html>.
const ALLOWED: i64 = 300;

/// Tells by the endpoint's clock, and by the token, which cannot have been issued in the future.
///
/// The EKS agent runs on the same node, so that its clock is ours; the token comes from the cluster.
pub(super) fn check(date: Option<Timestamp>, issued: Option<i64>, now: i64) -> Check {
    const NAME: &str = "clock";
    const REMEDY: &str = "set the clock of the node, by NTP";
    let by_endpoint = date.map(|date| date.unix().saturating_sub(now));
    let by_token = issued.map(|issued| issued.saturating_sub(now));
    if let Some(ahead) = by_endpoint.filter(|ahead| ahead.abs() > ALLOWED) {
        let side = if ahead > 0 { "behind" } else { "ahead of" };
        let detail = format!("this clock is {} {side} that of the endpoint", Span(ahead));
        return Check::fail(NAME, detail, REMEDY);
    }
    if let Some(ahead) = by_token.filter(|ahead| *ahead > ALLOWED) {
        let detail = format!("the token will only be issued in {}", Span(ahead));
        return Check::fail(NAME, detail, REMEDY);
    }
    match (by_endpoint, by_token) {
        (Some(ahead), _) => Check::ok(
            NAME,
            format_args!("{} off that of the endpoint", Span(ahead)),
        ),
        (None, Some(_)) => Check::ok(NAME, "the token was issued in the past"),
        (None, None) => Check::skipped(NAME, "neither the endpoint nor the token tells the time"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::Verdict;
    use super::*;

    #[test]
    fn five_minutes_are_allowed() {
        let verdict = |date: Option<i64>, issued| {
            let date = date.and_then(Timestamp::from_unix);
            check(date, issued, 1_000_000).told().0
        };
        for (date, issued, expected) in [
            (Some(1_000_300), None, Verdict::Ok),
            (Some(999_700), Some(0), Verdict::Ok),
            (Some(1_000_301), None, Verdict::Fail),
            (Some(999_699), None, Verdict::Fail),
            (None, Some(1_000_300), Verdict::Ok),
            (None, Some(1_000_301), Verdict::Fail),
            (Some(1_000_000), Some(1_000_301), Verdict::Fail),
            (None, None, Verdict::Skipped),
        ] {
            assert_eq!(verdict(date, issued), expected, "{date:?} {issued:?}");
        }
    }
}
