//! Reads times in RFC 3339, keeps whole seconds, and writes `YYYY-MM-DDTHH:MM:SSZ` (`behaviour.md` §4).
//!
//! It is written by hand, because no library reads both RFC 3339 and `+0000`. The tests compare it with the crate
//! time.

use core::fmt;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A moment in UTC, in whole seconds, of a year from 0000 to 9999. Displays as RFC 3339.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(i64);

impl Timestamp {
    /// 0000-01-01T00:00:00Z
    pub const MIN: Self = Self(-62_167_219_200);
    /// 9999-12-31T23:59:59Z
    pub const MAX: Self = Self(253_402_300_799);

    /// The moment that many seconds after 1970-01-01T00:00:00Z, if its year has four digits.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        (Self::MIN.0..=Self::MAX.0)
            .contains(&seconds)
            .then_some(Self(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z; negative before.
    pub fn unix(self) -> i64 {
        self.0
    }

    /// Parses `YYYY-MM-DDTHH:MM:SS[.1 to 9 digits](Z|±HH:MM|±HHMM)`: RFC 3339, and the offset without
    /// a colon that AWS services write, too. A fraction is dropped, which rounds down.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = Cursor(text.as_bytes());
        let year = rest.number(4)?;
        rest.one_of(b"-")?;
        let month = rest.number(2)?;
        rest.one_of(b"-")?;
        let day = rest.number(2)?;
        rest.one_of(b"Tt")?;
        let hour = rest.number(2)?;
        rest.one_of(b":")?;
        let minute = rest.number(2)?;
        rest.one_of(b":")?;
        let second = rest.number(2)?;
        if rest.one_of(b".").is_some() {
            rest.digits(1, 9)?;
        }
        let offset = rest.offset()?;
        if !rest.0.is_empty() || !(1..=12).contains(&month) {
            return None;
        }
        let in_month = (1..=days_in_month(year, month)).contains(&day);
        if !in_month || hour > 23 || minute > 59 || second > 60 {
            return None;
        }
        let leap_second = second == 60;
        let seconds = days_since_1970(year, month, day) * DAY
            + hour * HOUR
            + minute * MINUTE
            + if leap_second { 59 } else { second }
            - offset;
        let moment = Self::from_unix(seconds)?;
        // RFC 3339 §5.7: only the last second of a month, in UTC, may have a sixty-first one after it.
        // POSIX time has none, so it counts as the one before.
        (!leap_second || moment.ends_a_month()).then_some(moment)
    }

    fn ends_a_month(self) -> bool {
        self.0.rem_euclid(DAY) == DAY - 1 && date(self.0.div_euclid(DAY) + 1).2 == 1
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date(self.0.div_euclid(DAY));
        let time = self.0.rem_euclid(DAY);
        let (hour, minute, second) = (time / HOUR, time % HOUR / MINUTE, time % MINUTE);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

/// What is left to parse.
struct Cursor<'a>(&'a [u8]);

impl Cursor<'_> {
    /// Takes one byte, if it is one of these.
    fn one_of(&mut self, expected: &[u8]) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        expected.iter().find(|byte| **byte == first)?;
        self.0 = rest;
        Some(first)
    }

    /// Takes from `least` to `most` digits, and gives their value.
    fn digits(&mut self, least: usize, most: usize) -> Option<i64> {
        let mut value = 0;
        let mut count = 0;
        while count < most
            && let Some(digit) = self.one_of(b"0123456789")
        {
            value = value * 10 + i64::from(digit - b'0');
            count += 1;
        }
        (count >= least).then_some(value)
    }

    fn number(&mut self, width: usize) -> Option<i64> {
        self.digits(width, width)
    }

    /// Takes `Z` or an offset, and gives it in seconds east of UTC.
    fn offset(&mut self) -> Option<i64> {
        let sign = match self.one_of(b"Zz+-")? {
            b'+' => 1,
            b'-' => -1,
            _ => return Some(0),
        };
        let hours = self.number(2)?;
        self.one_of(b":");
        let minutes = self.number(2)?;
        (hours <= 23 && minutes <= 59).then_some(sign * (hours * HOUR + minutes * MINUTE))
    }
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar. As in Howard Hinnant's
/// "chrono-compatible low-level date algorithms", years begin in March, so that the leap day is last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

/// Year, month and day of the date that many days after 1970-01-01; from the same source.
fn date(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}
