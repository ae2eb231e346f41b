//! Credentials documents, as the agent serves them.

use serde_json::{Value, json};
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

/// The access key id of every document here: AWS's published example of a temporary one.
pub const ACCESS_KEY_ID: &str = "ASIAIOSFODNN7EXAMPLE";

/// The secret access key of every document here: AWS's published example. A known secret of every
/// [`Epicac`](crate::Epicac) run.
pub const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// The session token of every document here, with each character of base64. A known secret of every
/// [`Epicac`](crate::Epicac) run.
pub const SESSION_TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQDexample+\
    SessionTokenOfTheStandInAgent/8h3nVm2Qz7LrT0pXkYcW5sUjBfGaEoN1iDvHqMgIgTyR4wZlKx6CbJuPd9eS+\
    ExampleSessionTokenEXAMPLEFQoGZXIvYXdzEJr0q2z7vK9s1h3f5d7a8c6b4e2Token==";

/// The account of every document here. Its leading zeros must survive.
pub const ACCOUNT_ID: &str = "000123456789";

/// A credentials document that expires `seconds` from now, or before now when negative. The expiration
/// has nanoseconds.
pub fn expiring_in(seconds: i64) -> Value {
    expiring_at(&moment(seconds))
}

/// A credentials document with this `Expiration`, whatever it says.
pub fn expiring_at(expiration: &str) -> Value {
    json!({
        "AccessKeyId": ACCESS_KEY_ID,
        "SecretAccessKey": SECRET_ACCESS_KEY,
        "Token": SESSION_TOKEN,
        "AccountId": ACCOUNT_ID,
        "Expiration": expiration,
    })
}

/// The moment `seconds` from now, in RFC 3339 with nanoseconds, in UTC.
pub fn moment(seconds: i64) -> String {
    let now = OffsetDateTime::now_utc();
    // Never a whole second, so that a reader that cannot do fractions is found out.
    let fraction = now.nanosecond() | 1;
    now.checked_add(Duration::seconds(seconds))
        .and_then(|then| then.replace_nanosecond(fraction).ok())
        .and_then(|then| then.format(&Rfc3339).ok())
        .unwrap_or_else(|| "9999-12-31T23:59:59.999999999Z".to_owned())
}

/// The present time in whole seconds since 1970.
pub(crate) fn now() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}
