//! The head of a request. It is read as it arrives, and parsed by httparse. What follows it is never read.

use super::error::CallerError;
use http::Uri;
use httparse::{EMPTY_HEADER, Error, Status};
use rustix::io::{read, retry_on_intr};
use std::io;
use std::os::fd::AsFd;

/// How large the head and its first line may be, in bytes, and how many fields it may have.
const BYTES: usize = 8 << 10;
const LINE: usize = 1 << 10;
const FIELDS: usize = 32;

/// What has arrived of a head.
#[derive(Default)]
pub(super) struct Head(Vec<u8>);

/// A request without its body.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) uri: Uri,
    fields: Vec<(&'a str, &'a [u8])>,
}

impl Head {
    /// Takes in what has arrived, until no more is to be read: the head is complete or too large or wrong, or the caller
    /// sends no more.
    ///
    /// # Errors
    ///
    /// `WouldBlock` as long as the head is not complete.
    pub(super) fn receive(&mut self, caller: impl AsFd) -> io::Result<()> {
        let mut piece = [0; BYTES];
        loop {
            let before = self.0.len();
            let room = piece.get_mut(before..).unwrap_or_default();
            let read = retry_on_intr(|| read(&caller, &mut *room))?;
            let new = room.get(..read).unwrap_or_default();
            self.0.extend_from_slice(new);
            if read == 0 || self.is_over(before) {
                return Ok(());
            }
        }
    }

    /// Whether nothing arrived at all.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether nothing more is to be read, of which the bytes from `before` on are new.
    fn is_over(&self, before: usize) -> bool {
        let new = self.0.get(before.saturating_sub(2)..).unwrap_or_default();
        let has = |end: &[u8]| new.windows(end.len()).any(|window| window == end);
        // Parsing at each piece would let a caller have each byte parsed thousands of times.
        let is_parsed = before == 0 || has(b"\n\r\n") || has(b"\n\n");
        self.is_too_large() || (is_parsed && !matches!(self.request(), Ok(None)))
    }

    fn is_too_large(&self) -> bool {
        self.0.len() >= BYTES || self.is_line_too_long()
    }

    fn is_line_too_long(&self) -> bool {
        let end = self.0.iter().position(|byte| *byte == b'\n');
        end.unwrap_or(self.0.len()) >= LINE
    }

    /// The request; `None` as long as the head is not complete.
    pub(super) fn request(&self) -> Result<Option<Request<'_>>, CallerError> {
        let mut fields = [EMPTY_HEADER; FIELDS];
        let mut parsed = httparse::Request::new(&mut fields);
        match parsed.parse(&self.0) {
            Ok(Status::Complete(_)) if self.is_line_too_long() => {
                return Err(CallerError::TooLarge);
            }
            Ok(Status::Complete(_)) => {}
            Ok(Status::Partial) if !self.is_too_large() => return Ok(None),
            Ok(Status::Partial) | Err(Error::TooManyHeaders) => return Err(CallerError::TooLarge),
            Err(_) => return Err(CallerError::NoRequest),
        }
        let uri = parsed.path.and_then(|target| target.parse().ok());
        let (Some(method), Some(uri)) = (parsed.method, uri) else {
            return Err(CallerError::NoRequest);
        };
        let fields = parsed.headers.iter().map(|it| (it.name, it.value));
        let fields = fields.collect();
        let request = Request {
            method,
            uri,
            fields,
        };
        match request.says_how_its_body_ends() {
            true => Ok(Some(request)),
            false => Err(CallerError::NoRequest),
        }
    }

    /// Reads a part of what follows, in vain: if unread bytes are left, closing the connection resets it, and the caller
    /// may miss the answer.
    pub(super) fn discard_rest(caller: impl AsFd) {
        let _ = read(&caller, &mut [0; BYTES]);
    }
}

impl<'a> Request<'a> {
    /// The values of the fields of this name, which is in lower case.
    pub(super) fn fields(&self, name: &str) -> impl Iterator<Item = &'a [u8]> {
        let named = self.fields.iter();
        let named = named.filter(move |(it, _)| it.eq_ignore_ascii_case(name));
        named.map(|(_, value)| *value)
    }

    /// Whether all servers agree where the body ends (RFC 9112 §6.3). Otherwise somebody between caller and server may
    /// take a part of it for another request.
    fn says_how_its_body_ends(&self) -> bool {
        let lengths: Vec<_> = self.fields("content-length").collect();
        let is_number = |text: &&[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        lengths.iter().all(is_number)
            && lengths.windows(2).all(|pair| pair.first() == pair.last())
            && self
                .fields("transfer-encoding")
                .all(|coding| coding.eq_ignore_ascii_case(b"chunked"))
    }
}
