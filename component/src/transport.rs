//! How a request fails before a complete response came: the causes that make a difference to people,
//! of the many that WASI tells apart.

use alloc::string::{String, ToString};

use crate::credentials::Credentials;
use crate::endpoint::Endpoint;
use crate::error::Error;
use crate::printable;
use crate::sts::service::Sts;
use crate::token::Token;

/// How a request failed. Displays as what the endpoint, which is named before it, did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The runtime's policy forbids the request.
    Denied,
    /// The runtime cannot send such a request.
    Unsendable,
    /// No connection in time.
    ConnectTimeout,
    /// A connection, but no response in time.
    ResponseTimeout,
    /// The beginning of a response, but not all of it in time.
    BodyTimeout,
    /// The connection was refused.
    Refused,
    /// The connection was closed before the response was complete.
    Closed,
    /// There is no way to the address.
    Unroutable,
    /// The name has no address.
    Unresolved,
    /// The certificate is not to be trusted.
    Certificate,
    /// The TLS handshake failed otherwise.
    Tls,
    /// The response is not HTTP that the runtime understands.
    NotHttp,
    /// The response exceeds a limit of the runtime.
    RuntimeLimit,
    /// The runtime failed, and perhaps says why.
    Internal(Option<String>),
}

impl Fault {
    /// The error that this is for a request to `endpoint` with `token`.
    pub fn at(self, endpoint: &Endpoint, token: Option<&Token>) -> Error {
        let secrets = token.map(Token::expose);
        self.error("GET ", endpoint, secrets.as_slice(), Error::Unreachable)
    }

    /// The error that this is for a request to `sts` with the credentials `base`.
    pub fn at_sts(self, sts: &Sts, base: &Credentials) -> Error {
        let secrets = [base.session_token.expose(), base.secret_access_key.expose()];
        self.error("POST ", sts.endpoint(), &secrets, Error::StsUnreachable)
    }

    fn error(
        self,
        method: &str,
        endpoint: &Endpoint,
        secrets: &[&str],
        unreachable: fn(String) -> Error,
    ) -> Error {
        let is_denied = matches!(self, Self::Denied | Self::Unsendable);
        let fault = match self {
            // A runtime's text may quote the request.
            Self::Internal(Some(text)) => {
                Self::Internal(Some(printable::excerpt_without(&text, secrets)))
            }
            fault => fault,
        };
        let what = [&endpoint.origin(), " ", &fault.to_string()].concat();
        if is_denied {
            Error::RequestDenied([method, &what].concat())
        } else {
            unreachable(what)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn only_what_the_runtime_denies_is_final() {
        let endpoint = Endpoint::from_full_uri("http://127.0.0.1:1/secret-path").unwrap();
        for denied in [Fault::Denied, Fault::Unsendable] {
            let error = denied.at(&endpoint, None);
            assert!(matches!(error, Error::RequestDenied(_)) && !error.is_transient());
        }
        for fault in [
            Fault::Refused,
            Fault::ResponseTimeout,
            Fault::Internal(None),
            Fault::Tls,
        ] {
            let error = fault.at(&endpoint, None);
            assert!(matches!(error, Error::Unreachable(_)) && error.is_transient());
            assert!(error.to_string().contains("http://127.0.0.1:1 "), "{error}");
            assert!(!error.to_string().contains("secret-path"), "{error}");
        }
    }

    #[test]
    fn the_runtimes_text_is_shown_without_the_token() {
        let endpoint = Endpoint::from_full_uri("http://localhost/").unwrap();
        let token = Token::from_variable(&Secret::new("eyJhbGci.e.s")).unwrap();
        let fault = Fault::Internal(Some("cannot send\neyJhbGci.e.s".into()));
        let error = fault.at(&endpoint, Some(&token)).to_string();
        assert!(error.contains("cannot send [redacted]"), "{error}");
    }
}
