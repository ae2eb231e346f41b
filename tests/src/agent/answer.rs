//! What a client gets.

use std::time::Duration;

/// An answer to one request, down to the bytes: a response, or a fault.
#[derive(Clone, Debug)]
pub struct Answer {
    pub(super) delay: Duration,
    /// None when the body is all there is.
    pub(super) head: Option<Head>,
    pub(super) framing: Framing,
    pub(super) body: Body,
    pub(super) end: End,
}

#[derive(Clone, Debug)]
pub(super) struct Head {
    pub version: &'static str,
    pub status: u16,
    pub headers: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub(super) enum Body {
    Whole(Vec<u8>),
    /// One byte an interval.
    Dripping(Vec<u8>, Duration),
    /// These bytes again and again, until the client has had enough.
    Endless(Vec<u8>),
}

/// How the connection ends once everything is sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Close,
    /// RST instead of FIN.
    Reset,
    /// Nothing more is sent, but the connection stays open until the client or the agent goes.
    Stall,
}

/// How a response tells the length of its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Framing {
    /// By `Content-Length`.
    ContentLength,
    /// By `Content-Length`, and the connection ends this many bytes early.
    Truncated(usize),
    /// By chunks of at most this many bytes.
    Chunked(usize),
    /// By chunks of at most this many bytes, the last of which never comes.
    ChunkedWithoutEnd(usize),
    /// Not at all: the body ends with the connection.
    UntilClose,
}

impl Answer {
    /// A response without a body.
    pub fn status(status: u16) -> Answer {
        let head = Head {
            version: "HTTP/1.1",
            status,
            headers: Vec::new(),
        };
        Answer {
            head: Some(head),
            framing: Framing::ContentLength,
            ..Answer::close()
        }
    }

    /// A response with this type and body.
    pub fn body(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Answer {
        let answer = Answer::status(status).header("Content-Type", content_type);
        Answer {
            body: Body::Whole(body.into()),
            ..answer
        }
    }

    /// A response of status 200 with this JSON document.
    pub fn json(document: &serde_json::Value) -> Answer {
        Answer::body(200, "application/json", document.to_string())
    }

    /// A response of type text/plain, which is how the agent reports errors.
    pub fn text(status: u16, text: &str) -> Answer {
        Answer::body(status, "text/plain; charset=utf-8", text)
    }

    /// A response whose body never ends. By `Content-Length`, a tebibyte is announced.
    pub fn endless(status: u16, framing: Framing) -> Answer {
        Answer {
            body: Body::Endless(vec![b' '; 4096]),
            framing,
            ..Answer::status(status)
        }
    }

    /// These bytes instead of a response; then the connection is closed.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
        Answer {
            delay: Duration::ZERO,
            head: None,
            framing: Framing::UntilClose,
            body: Body::Whole(bytes.into()),
            end: End::Close,
        }
    }

    /// These bytes instead of a response, again and again, until the client has had enough.
    pub fn raw_endless(bytes: impl Into<Vec<u8>>) -> Answer {
        Answer {
            body: Body::Endless(bytes.into()),
            ..Answer::close()
        }
    }

    /// The connection is closed without a byte.
    pub fn close() -> Answer {
        Answer::raw([])
    }

    /// The connection is reset without a byte.
    pub fn reset() -> Answer {
        Answer::close().then_reset()
    }

    /// Nothing is sent, and the connection stays open until the client or the agent goes.
    pub fn stall() -> Answer {
        Answer::close().then_stall()
    }

    /// With a further header field, its name in this very case.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Answer {
        if let Some(head) = &mut self.head {
            head.headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// With another framing of the body.
    #[must_use]
    pub fn framing(self, framing: Framing) -> Answer {
        Answer { framing, ..self }
    }

    /// As a response of HTTP/1.0, its body ended by the connection.
    #[must_use]
    pub fn http_1_0(mut self) -> Answer {
        if let Some(head) = &mut self.head {
            head.version = "HTTP/1.0";
        }
        self.framing(Framing::UntilClose)
    }

    /// The body comes one byte an interval; of a [raw](Answer::raw) answer, all of it does.
    #[must_use]
    pub fn dripping(self, interval: Duration) -> Answer {
        let body = match self.body {
            Body::Whole(bytes) => Body::Dripping(bytes, interval),
            other => other,
        };
        Answer { body, ..self }
    }

    /// Nothing is sent before this time has passed.
    #[must_use]
    pub fn delayed(self, delay: Duration) -> Answer {
        Answer { delay, ..self }
    }

    /// In the end the connection is reset instead of closed.
    #[must_use]
    pub fn then_reset(self) -> Answer {
        Answer {
            end: End::Reset,
            ..self
        }
    }

    /// In the end the connection stays open, silent, until the client or the agent goes.
    #[must_use]
    pub fn then_stall(self) -> Answer {
        Answer {
            end: End::Stall,
            ..self
        }
    }
}
