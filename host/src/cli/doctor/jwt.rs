//! The claims of a JSON Web Token (RFC 7519), as far as they say why EKS would refuse it. Nobody but EKS can
//! verify the signature, and nothing here tries.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// The audience that EKS Pod Identity asks for.
const AUDIENCE: &str = "pods.eks.amazonaws.com";

/// What a token says of itself.
#[derive(Debug, Default)]
pub(super) struct Claims {
    exp: Option<i64>,
    nbf: Option<i64>,
    iat: Option<i64>,
    /// Whether [`AUDIENCE`] is among its audiences.
    is_for_eks: bool,
    sub: Option<String>,
}

/// Why a token would be refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum JwtFlaw {
    /// It does not have three parts, or not the first two of them in base64url and JSON.
    NotAJwt,
    /// It has no expiry.
    NoExpiry,
    /// It expired this many seconds ago.
    Expired(i64),
    /// It will be valid in this many seconds.
    NotYet(i64),
    /// It is for somebody else.
    Audience,
}

impl Claims {
    /// The claims of a token.
    pub(super) fn parse(token: &str) -> Result<Self, JwtFlaw> {
        let parts: Vec<&str> = token.trim_matches(' ').split('.').collect();
        let [header, claims, signature] = parts.as_slice() else {
            return Err(JwtFlaw::NotAJwt);
        };
        let decoded = |part: &str| base64url(part).ok_or(JwtFlaw::NotAJwt);
        let header = decoded(header)?;
        decoded(signature)?;
        if !header.starts_with(b"{") {
            return Err(JwtFlaw::NotAJwt);
        }
        let claims = serde_json::from_slice(&decoded(claims)?).map_err(|_| JwtFlaw::NotAJwt)?;
        Ok(Self::read(&claims))
    }

    fn read(claims: &Map<String, Value>) -> Self {
        // Kubernetes writes whole seconds, and one audience as a text or as a list of one.
        let seconds = |name| claims.get(name).and_then(Value::as_i64);
        let names_eks = |audience: &Value| audience.as_str() == Some(AUDIENCE);
        Self {
            exp: seconds("exp"),
            nbf: seconds("nbf"),
            iat: seconds("iat"),
            is_for_eks: claims.get("aud").is_some_and(|audience| {
                names_eks(audience)
                    || audience
                        .as_array()
                        .is_some_and(|all| all.iter().any(names_eks))
            }),
            sub: claims.get("sub").and_then(Value::as_str).map(str::to_owned),
        }
    }

    /// Whether EKS would take it at `now`, in seconds since 1970.
    pub(super) fn check(&self, now: i64) -> Result<(), JwtFlaw> {
        let expires = self.exp.ok_or(JwtFlaw::NoExpiry)?;
        if expires <= now {
            return Err(JwtFlaw::Expired(now.saturating_sub(expires)));
        }
        if let Some(start) = self.nbf.filter(|start| *start > now) {
            return Err(JwtFlaw::NotYet(start.saturating_sub(now)));
        }
        if self.is_for_eks {
            Ok(())
        } else {
            Err(JwtFlaw::Audience)
        }
    }

    /// How many seconds of life are left.
    pub(super) fn seconds_left(&self, now: i64) -> i64 {
        self.exp.unwrap_or(now).saturating_sub(now)
    }

    /// When it was issued, in seconds since 1970.
    pub(super) fn issued(&self) -> Option<i64> {
        self.iat.or(self.nbf)
    }

    /// Whom it speaks for: `system:serviceaccount:NAMESPACE:NAME`.
    pub(super) fn subject(&self) -> Option<&str> {
        self.sub.as_deref()
    }
}

/// Decodes base64url without padding (RFC 4648 §5).
fn base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use epicac_tests::{test_token, test_token_with};
    use proptest::prelude::*;
    use serde_json::json;

    fn now() -> i64 {
        super::super::now()
    }

    fn flaw(token: &str) -> Option<JwtFlaw> {
        let checked = Claims::parse(token).and_then(|claims| claims.check(now()));
        checked.err()
    }

    #[test]
    fn a_token_of_eks_passes() {
        let claims = Claims::parse(&test_token(3600)).unwrap();
        assert_eq!(claims.check(now()), Ok(()));
        assert!((3595..=3600).contains(&claims.seconds_left(now())));
        assert_eq!(claims.subject(), Some("system:serviceaccount:default:app"));
        let one = test_token_with(json!({ "aud": "pods.eks.amazonaws.com" }), 3600);
        assert_eq!(flaw(&one), None);
    }

    #[test]
    fn what_eks_refuses_is_named() {
        assert!(matches!(
            flaw(&test_token(-60)),
            Some(JwtFlaw::Expired(60..=65))
        ));
        let later = test_token_with(json!({ "nbf": now() + 60 }), 3600);
        assert!(matches!(flaw(&later), Some(JwtFlaw::NotYet(55..=60))));
        for aud in [
            json!(["sts.amazonaws.com"]),
            json!("sts.amazonaws.com"),
            json!(null),
        ] {
            let token = test_token_with(json!({ "aud": aud }), 3600);
            assert_eq!(flaw(&token), Some(JwtFlaw::Audience), "{aud}");
        }
        let endless = test_token_with(json!({ "exp": null }), 3600);
        assert_eq!(flaw(&endless), Some(JwtFlaw::NoExpiry));
    }

    #[test]
    fn what_is_no_token_is_none() {
        let claims = test_token(3600);
        let [header, claims, _]: [&str; 3] =
            claims.split('.').collect::<Vec<_>>().try_into().unwrap();
        for text in [
            String::new(),
            "a-token".to_owned(),
            "a.b".to_owned(),
            "a.b.c.d".to_owned(),
            format!("{header}.{claims}.a+b"),
            format!("{header}.e30=.ab"),
            format!("{header}.bm8.ab"),
            format!("bm8.{claims}.ab"),
        ] {
            assert_eq!(flaw(&text), Some(JwtFlaw::NotAJwt), "{text}");
        }
    }

    #[test]
    fn base64url_is_that_of_the_rfc() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("Zg", b"f"),
            ("Zm8", b"fo"),
            ("Zm9v", b"foo"),
            ("-_-_", &[0xfb, 0xff, 0xbf]),
        ] {
            assert_eq!(base64url(text).as_deref(), Some(bytes), "{text}");
        }
        for text in ["Z", "Zm9vY", "Zm9v=", "Zm 9", "+/"] {
            assert_eq!(base64url(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_a_panic(text in "[A-Za-z0-9_.-]{0,80}") {
            let _ = Claims::parse(&text);
        }
    }
}
