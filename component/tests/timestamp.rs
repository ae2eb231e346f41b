//! Our RFC 3339 is that of the crate time, and reads `+0000` beside it: `behaviour.md` §4.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::Timestamp;
use proptest::prelude::*;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

fn canonical(text: &str) -> Option<String> {
    Timestamp::parse(text).map(|moment| moment.to_string())
}

#[test]
fn rfc_3339_with_any_offset_comes_out_in_whole_seconds_and_utc() {
    for (text, expected) in [
        ("2026-03-01T12:34:56Z", "2026-03-01T12:34:56Z"),
        ("2026-03-01T12:34:56.999999999Z", "2026-03-01T12:34:56Z"),
        ("2026-03-01t12:34:56.1z", "2026-03-01T12:34:56Z"),
        ("2026-03-01T12:34:56+00:00", "2026-03-01T12:34:56Z"),
        ("2026-03-01T12:34:56+0000", "2026-03-01T12:34:56Z"),
        ("2026-03-01T00:34:56+01:30", "2026-02-28T23:04:56Z"),
        ("2026-12-31T23:34:56-0100", "2027-01-01T00:34:56Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("1990-12-31T15:59:60-08:00", "1990-12-31T23:59:59Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z"),
    ] {
        assert_eq!(canonical(text).as_deref(), Some(expected), "{text}");
    }
}

#[test]
fn anything_else_is_refused() {
    for text in [
        "",
        "Z",
        "1772368496",
        "2026-03-01",
        "2026-03-01T12:34Z",
        "2026-03-01T12:34:56",
        "2026-03-01 12:34:56Z",
        "2026-3-1T12:34:56Z",
        "2026-03-01T12:34:56.Z",
        "2026-03-01T12:34:56.1234567890Z",
        "2026-03-01T12:34:56,5Z",
        "2026-03-01T12:34:56Z ",
        " 2026-03-01T12:34:56Z",
        "2026-03-01T12:34:56+1:00",
        "2026-03-01T12:34:56+24:00",
        "2026-03-01T12:34:56+01:60",
        "2026-03-01T12:34:56+01",
        "2026-03-01T12:34:56UTC",
        "+026-03-01T12:34:56Z",
        "12026-03-01T12:34:56Z",
        "2026-00-01T12:34:56Z",
        "2026-13-01T12:34:56Z",
        "2026-02-29T12:34:56Z",
        "1900-02-29T12:34:56Z",
        "2026-04-31T12:34:56Z",
        "2026-03-00T12:34:56Z",
        "2026-03-01T24:00:00Z",
        "2026-03-01T12:60:56Z",
        "2026-03-01T12:34:60Z",
        "2026-03-01T23:59:60Z",
        "2026-03-01T12:34:61Z",
        "0000-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "２026-03-01T12:34:56Z",
    ] {
        assert_eq!(canonical(text), None, "{text}");
    }
}

#[test]
fn the_years_have_four_digits() {
    assert_eq!(Timestamp::MIN.to_string(), "0000-01-01T00:00:00Z");
    assert_eq!(Timestamp::MAX.to_string(), "9999-12-31T23:59:59Z");
    assert_eq!(Timestamp::from_unix(Timestamp::MAX.unix() + 1), None);
    assert_eq!(Timestamp::from_unix(Timestamp::MIN.unix() - 1), None);
}

proptest! {
    #[test]
    fn every_moment_is_written_as_the_time_crate_does_and_read_back(
        seconds in Timestamp::MIN.unix()..=Timestamp::MAX.unix(),
    ) {
        let ours = Timestamp::from_unix(seconds).unwrap();
        let theirs = OffsetDateTime::from_unix_timestamp(seconds).unwrap();
        prop_assert_eq!(ours.to_string(), theirs.format(&Rfc3339).unwrap());
        prop_assert_eq!(Timestamp::parse(&ours.to_string()), Some(ours));
    }

    #[test]
    fn what_is_read_is_what_the_time_crate_reads(
        year in 0..=9999_u32, month in 0..=13_u32, day in 0..=32_u32,
        hour in 0..=24_u32, minute in prop_oneof![0..=60_u32, Just(59)],
        second in prop_oneof![0..=61_u32, Just(60)],
        fraction in "(\\.[0-9]{1,9})?",
        offset in "Z|z|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9]",
    ) {
        let text = format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{offset}"
        );
        let theirs = OffsetDateTime::parse(&text, &Rfc3339)
            .ok()
            .and_then(|moment| Timestamp::from_unix(moment.unix_timestamp()));
        prop_assert_eq!(Timestamp::parse(&text), theirs, "{}", text);
    }

    #[test]
    fn no_text_panics(text in ".{0,40}") {
        let _ = Timestamp::parse(&text);
    }
}
