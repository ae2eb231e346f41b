//! What bounds what is read, and how long is waited: `behaviour.md` §3.

use epicac_component::limits::{
    ATTEMPTS, BACKOFF, BODY_BYTES, CONNECT, READ, READ_BYTES, TOTAL, next_read,
};

#[test]
fn reading_stops_one_byte_beyond_the_limit() {
    let mut have = 0;
    while let Some(next) = next_read(have, BODY_BYTES) {
        assert!((1..=READ_BYTES).contains(&next));
        have += next;
    }
    assert_eq!(have, BODY_BYTES + 1);
    assert_eq!(next_read(BODY_BYTES + 2, BODY_BYTES), None);
}

#[test]
fn three_attempts_that_all_time_out_fit_into_the_total() {
    let backoffs = (BACKOFF + 2 * BACKOFF) * 5 / 4;
    const { assert!(ATTEMPTS == 3) };
    assert!(u64::from(ATTEMPTS) * (CONNECT + READ) + backoffs < TOTAL);
}
