//! The limits that the component keeps by itself: how much it reads and writes, and how long it waits. The host's
//! limits are in `host/src/limits.rs`.
//!
//! Times are in nanoseconds, the unit of the WASI monotonic clock.

/// One second.
pub const SECOND: u64 = 1_000_000_000;

/// The longest URI of an endpoint, in bytes: runtimes do not send a longer one.
pub const URI_BYTES: usize = 65_000;

/// The longest token file that is read, in bytes (`behaviour.md` §2).
pub const TOKEN_FILE_BYTES: usize = 65_536;

/// The longest response body that is read, in bytes (`behaviour.md` §3).
pub const BODY_BYTES: usize = 65_536;

/// How many elements an XML document may have. STS answers with fewer than fifty.
pub const XML_ELEMENTS: usize = 1_024;

/// The longest output of a credential process, in bytes, its newline included: the AWS SDK for Java
/// reads no more (`behaviour.md` §5).
pub const OUTPUT_BYTES: usize = 64_000;

/// The longest text of an endpoint that is shown to people, in characters (`behaviour.md` §4).
pub const TEXT_CHARS: usize = 512;

/// How much one read asks for, in bytes: larger pieces only cost the runtime zeroed memory.
pub const READ_BYTES: usize = 16_384;

/// The most bytes that a WASI `blocking-write-and-flush` takes.
pub const WRITE_BYTES: usize = 4_096;

/// How many attempts are made at most (`behaviour.md` §3).
pub const ATTEMPTS: u32 = 3;

/// The pause before a request's body that the runtime takes nothing of is offered again.
pub const BODY_PAUSE: u64 = SECOND / 100;

/// How long an attempt may take to connect. Only a runtime can tell a slow connection from a slow response: the native
/// host ends it after this time, and another one when the attempt ends.
pub const CONNECT: u64 = 2 * SECOND;

/// How long an attempt may take to read: to the response's header, and from there to its end.
pub const READ: u64 = 5 * SECOND;

/// How long all attempts of a run may take together.
pub const TOTAL: u64 = 25 * SECOND;

/// The shortest delay before the second attempt; it doubles with each further one. An agent that is being
/// replaced is away for two seconds and more.
pub const BACKOFF: u64 = SECOND;

/// The longest delay after the first answer that says "too many requests"; it doubles with each further one,
/// up to [`THROTTLED_BACKOFF_MOST`].
pub const THROTTLED_BACKOFF: u64 = SECOND / 2;

/// The longest delay after any answer that says "too many requests".
pub const THROTTLED_BACKOFF_MOST: u64 = 4 * SECOND;

/// How long "too many requests" is waited out, from the beginning of the run.
pub const THROTTLED: u64 = 15 * SECOND;

/// How many bytes to read next, after `have` bytes of something that may have `limit` bytes. One byte beyond the limit is
/// read, to notice that there is more. Then, `None`.
pub fn next_read(have: usize, limit: usize) -> Option<usize> {
    (limit + 1)
        .checked_sub(have)
        .filter(|&rest| rest > 0)
        .map(|rest| rest.min(READ_BYTES))
}
