//! Every error is told on one line, `what failed: why (what to do)`: `behaviour.md` §5.

#![allow(
    clippy::unwrap_used,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::credentials::{self, CredentialsError};
use epicac_component::document::DocumentError;
use epicac_component::endpoint::{Agent, EndpointError, UriError};
use epicac_component::process::OutputFailed;
use epicac_component::response::ResponseError;
use epicac_component::sts::arguments::ArgumentError;
use epicac_component::sts::error::{ConfigurationError, StsError};
use epicac_component::sts::role::RoleError;
use epicac_component::sts::service::ServiceError;
use epicac_component::token::TokenError;
use epicac_component::transport::{RequestDenied, TransportError};
use epicac_component::{Error, Host, Message, Timestamp, TokenSourceError};
use proptest::prelude::*;

/// One example of each variant of an enum, at least. A new variant does not compile before it has one.
macro_rules! examples {
    ($type:ident { $($variant:ident $(($($value:tt)*))? $({$($member:tt)*})?),* $(,)? }) => {{
        #[allow(unreachable_patterns, reason = "several examples of one variant")]
        let _ = |it: &$type| match it { $($type::$variant { .. } => (),)* };
        vec![$($type::$variant $(($($value)*))? $({$($member)*})?),*]
    }};
}

/// Who serves the endpoint, and whether a token was sent.
type Asked = (Agent, bool);

/// As for a pod of EKS.
const EKS: Asked = (Agent::Eks, true);
const EKS_WITHOUT_TOKEN: Asked = (Agent::Eks, false);
const ECS: Asked = (Agent::Ecs, false);

/// What differs from run to run.
const ANY: &str = "…";

fn status((agent, has_token): Asked, status: u16, code: &str, message: &str) -> Error {
    Error::Response(ResponseError::UnexpectedStatus {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
        agent,
        has_token,
        is_by_proxy: false,
    })
}

fn denied(error: TransportError) -> RequestDenied {
    let origin = ANY.to_owned();
    RequestDenied {
        method: "GET",
        origin,
        error,
    }
}

/// The same, of a response of a mesh's proxy.
fn by_proxy(agent: Agent, status: u16, message: &str) -> Error {
    Error::Response(ResponseError::UnexpectedStatus {
        status,
        code: String::new(),
        message: message.to_owned(),
        agent,
        has_token: true,
        is_by_proxy: true,
    })
}

fn sts(status: u16, code: &str, message: &str, request_id: &str) -> Error {
    Error::Sts(StsError::Refused {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
        request_id: request_id.to_owned(),
    })
}

/// What the agents answer, and what is to be done about it: by the code that EKS Auth gave before the status, and
/// never with the EKS agent where there is none.
#[rustfmt::skip]
const ANSWERS_OF_AGENTS: [(Asked, u16, &str, &str); 25] = [
    (EKS, 302, "", "redirects are not followed"),
    (EKS, 400, "…", "is the token the pod's own, unexpired, with audience pods.eks.amazonaws.com?"),
    (EKS, 400, "[…]: (InvalidTokenException): …", "is the token the pod's own, unexpired,"),
    (EKS, 400, "… token is not valid yet", "is the clock of this node right?"),
    (EKS_WITHOUT_TOKEN, 400, "…", "EKS sets AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    (EKS_WITHOUT_TOKEN, 403, "…", "EKS sets AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
    (EKS, 400, "[…]: (AccessDeniedException): …", "the role of the node eks-auth:AssumeRoleForPodIdentity?"),
    (EKS, 403, "[…]: (AccessDeniedException): …", "does the role's trust policy allow sts:AssumeRole and"),
    (EKS, 400, "[…]: (InvalidParameterException): …", "EKS Auth does not take what the agent asks"),
    (EKS, 400, "[…]: (InvalidRequestException): …", "EKS Auth does not take what the agent asks"),
    (EKS, 404, "[…]: (ResourceNotFoundException): …", "is a role associated with the pod's service account in"),
    (EKS, 429, "[…]: (ThrottlingException): …", "too many requests of this account at EKS Auth"),
    (EKS, 401, "…", "is the token the pod's own, unexpired,"),
    (EKS, 403, "…", "is the endpoint the agent's own address,"),
    (EKS, 404, "…", "is the endpoint's path right,"),
    (EKS, 429, "…", "too many requests on this node"),
    (EKS, 500, "", "see the log of the EKS Pod Identity Agent"),
    (EKS, 503, "…", "see the log of the EKS Pod Identity Agent"),
    (EKS, 418, "…", "is this a container credentials endpoint?"),
    (ECS, 400, "…", "is the path the one that ECS gave to this task"),
    (ECS, 403, "…", "is the path the one that ECS gave to this task"),
    (ECS, 404, "…", "does the task have a task role?"),
    (ECS, 429, "…", "too many requests of this task"),
    (ECS, 500, "…", "see the log of the agent of Amazon ECS"),
    (ECS, 418, "…", "is this a container credentials endpoint?"),
];

/// What STS answers, as far as it is known, and what is to be done about it.
#[rustfmt::skip]
const ANSWERS_OF_STS: [(u16, &str, &str, &str); 24] = [
    (403, "AccessDenied", "… sts:TagSession …",
     "allow sts:TagSession in the source role's policy and in the destination role's trust policy"),
    (403, "AccessDenied", "… sts:SetSourceIdentity …", "allow sts:SetSourceIdentity"),
    (403, "AccessDenied", "… sts:AssumeRole …",
     "allow sts:AssumeRole and sts:TagSession, with this external id?"),
    (400, "ExpiredToken", "…", "the credentials before this hop have expired"),
    (403, "ExpiredTokenException", "…", "have expired"),
    (400, "PackedPolicyTooLarge", "…", "they count together, with the tags of EKS Pod Identity"),
    (400, "MalformedPolicyDocument", "…", "correct the session policy"),
    (403, "RegionDisabledException", "…", "activate STS for this region"),
    (403, "InvalidClientTokenId", "…", "is the region enabled in the source role's account?"),
    (403, "UnrecognizedClientException", "…", "takes no token of the global STS endpoint"),
    (403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region, …",
     "name the region of this STS by --region or AWS_REGION; an opt-in region has to be enabled in the source role's account"),
    (403, "SignatureDoesNotMatch", "Signature expired: …", "set the clock of this node"),
    (403, "SignatureDoesNotMatch", "Signature not yet current: …", "set the clock of this node"),
    (400, "RequestExpired", "…", "set the clock of this node"),
    (403, "RequestTimeTooSkewed", "…", "set the clock of this node"),
    (403, "SignatureDoesNotMatch", "…", "does a proxy change the request?"),
    (400, "IncompleteSignature", "…", "does a proxy change the request?"),
    (400, "ValidationError", "… role chaining …", "lasts 3600 seconds at most: ask for no more"),
    (400, "ValidationError", "… MaxSessionDuration …", "raise the maximum session duration of the role"),
    (307, "", "", "redirects are not followed"),
    (400, "Throttling", "…", "try again later"),
    (429, "", "…", "try again later"),
    (503, "", "", "try again later"),
    (400, "…", "…", "see the errors of AssumeRole"),
];

#[test]
fn each_known_answer_has_its_remedy() {
    for (asked, code, message, remedy) in ANSWERS_OF_AGENTS {
        let told = status(asked, code, "", message).message();
        assert!(told.remedy.contains(remedy), "{told}");
        let is_eks = asked.0 == Agent::Eks;
        assert!(is_eks || !told.remedy.contains("EKS"), "{told}");
    }
    let by_code = status(EKS, 400, "AccessDeniedException", "x").message();
    assert!(by_code.remedy.contains("eks-auth:"), "{by_code}");
    for (status, code, message, remedy) in ANSWERS_OF_STS {
        let told = sts(status, code, message, "").message();
        assert!(told.remedy.contains(remedy), "{told}");
    }
}

#[test]
fn an_answer_of_a_proxy_is_told_as_one_unless_it_passes_on_that_of_the_agent() {
    for (agent, address) in [
        (Agent::Eks, "[fd00:ec2::23]"),
        (Agent::Ecs, "169.254.170.2 "),
    ] {
        for code in [400, 403, 404, 429, 502, 503, 504] {
            let told = by_proxy(agent, code, "upstream connect error").message();
            assert!(
                told.remedy.contains("a proxy of a service mesh answered"),
                "{told}"
            );
            assert!(told.remedy.contains(address), "{told}");
        }
    }
    let told = by_proxy(
        Agent::Eks,
        400,
        "[id]: (AccessDeniedException): x, fault: client",
    )
    .message();
    assert!(
        told.remedy.contains("eks-auth:AssumeRoleForPodIdentity"),
        "{told}"
    );
}

/// Every error there is.
fn errors() -> Vec<Error> {
    let any = || ANY.to_owned();
    let role = |error| Error::Role(ConfigurationError::Role { name: any(), error });
    let service = |error| Error::Role(ConfigurationError::Service(error));
    let token_file = |error| Error::Token(TokenSourceError::File { path: any(), error });
    let unreachable = |error, (agent, _): Asked| {
        Error::Response(ResponseError::Unreachable {
            origin: any(),
            error,
            agent,
        })
    };
    let mut errors = examples!(Error {
        Endpoint(EndpointError::Unset),
        Token(TokenSourceError::Variable(TokenError::Empty)),
        Token(TokenSourceError::Variable(TokenError::Character)),
        Token(TokenSourceError::Variable(TokenError::TooLarge)),
        Token(TokenSourceError::File { path: any(), error: TokenError::Missing }),
        Response(ResponseError::Denied(denied(TransportError::Denied))),
        Response(ResponseError::Denied(denied(TransportError::Unsendable))),
        Expired(credentials::Expired(Timestamp::parse("2026-03-01T12:34:56Z").unwrap())),
        Credentials(CredentialsError::TooLarge(70_000)),
        Output(OutputFailed),
        Role(ConfigurationError::Service(ServiceError::NoRegion)),
        Sts(StsError::Denied(denied(TransportError::Denied))),
        Attempts {
            last: Box::new(unreachable(TransportError::Refused, EKS)),
            before: Box::new(status(EKS, 429, "", ANY)),
        },
    });
    let of_endpoint = examples!(ResponseError {
        Denied(denied(TransportError::Denied)),
        Unreachable { origin: any(), error: TransportError::Refused, agent: Agent::Eks },
        UnexpectedStatus {
            status: 302, code: String::new(), message: String::new(), agent: Agent::Eks, has_token: true, is_by_proxy: false,
        },
        Refused { code: any(), message: any(), agent: Agent::Eks },
        Refused { code: any(), message: any(), agent: Agent::Ecs },
        TooLarge,
        Invalid(DocumentError::Truncated),
    });
    errors.extend(of_endpoint.into_iter().map(Error::Response));
    let of_sts = examples!(StsError {
        Denied(denied(TransportError::Denied)),
        Unreachable { origin: any(), error: TransportError::Refused, variant: None },
        Refused { status: 400, code: any(), message: any(), request_id: any() },
        Invalid(DocumentError::NotXml),
        AnotherRole { asked: any(), assumed: any() },
    });
    errors.extend(of_sts.into_iter().map(Error::Sts));
    let uris = examples!(UriError {
        NotAPath, NotAbsolute, Scheme, UserInfo, Host, HostNotAllowed(Host::Name(any())), Port,
        Fragment, TooLong, Character,
    });
    errors.extend(
        uris.into_iter()
            .map(|error| Error::Endpoint(EndpointError::Invalid { name: ANY, error })),
    );
    let tokens = examples!(TokenError {
        Missing,
        Denied,
        DeniedOrOutside,
        IsDirectory,
        NotDirectory,
        Loop,
        Unreadable,
        NotGranted,
        Empty,
        Character,
        TooLarge,
    });
    errors.extend(tokens.into_iter().map(token_file));
    let failures = || {
        examples!(TransportError {
            Denied, Unsendable, Refused, ConnectTimeout, Unroutable, ResponseTimeout, BodyTimeout,
            Closed, NotHttp, RuntimeLimit, Unresolved, Certificate, Tls, Internal(Some(any())),
            Internal(None),
        })
    };
    for circumstance in [EKS, ECS] {
        let failures = failures().into_iter().filter(|it| !it.is_denial());
        errors.extend(failures.map(|error| unreachable(error, circumstance)));
    }
    let failures = failures().into_iter().filter(|it| !it.is_denial());
    errors.extend(failures.map(|error| {
        Error::Sts(StsError::Unreachable {
            origin: any(),
            error,
            variant: None,
        })
    }));
    errors.push(Error::Sts(StsError::Unreachable {
        origin: any(),
        error: TransportError::Unresolved,
        variant: Some("AWS_USE_FIPS_ENDPOINT"),
    }));
    for agent in [Agent::Eks, Agent::Ecs] {
        errors.push(by_proxy(agent, 503, ANY));
    }
    let answers = ANSWERS_OF_AGENTS.into_iter();
    errors.extend(answers.map(|(asked, code, text, _)| status(asked, code, "", text)));
    let answers = ANSWERS_OF_STS.into_iter();
    errors.extend(answers.map(|(status, code, text, _)| sts(status, code, text, ANY)));
    let documents = examples!(DocumentError {
        NotUtf8, TooLarge, NotXml, NotJson { line: 1, column: 2 }, Truncated, NotAnObject,
        Repeated(ANY), Missing(ANY), NotAString(ANY), Empty(ANY), NotATimestamp(ANY),
    });
    let (of_sts, of_both): (Vec<_>, Vec<_>) = documents
        .into_iter()
        .partition(|error| *error == DocumentError::NotXml);
    let json = |error: &DocumentError| {
        matches!(
            error,
            DocumentError::NotJson { .. } | DocumentError::Truncated | DocumentError::NotAnObject
        )
    };
    let of_sts = of_sts
        .into_iter()
        .chain(of_both.iter().copied().filter(|error| !json(error)));
    errors.extend(of_sts.map(|error| Error::Sts(StsError::Invalid(error))));
    errors.extend(
        of_both
            .into_iter()
            .map(|error| Error::Response(error.into())),
    );
    let credentials = examples!(CredentialsError {
        Empty(ANY), Character(ANY), Expiration, TooLarge(70_000), Unwritable,
    });
    errors.extend(credentials.into_iter().map(Error::Credentials));
    let arguments = examples!(ArgumentError {
        UnknownOption(any()), NotAnOption(1), NoValue("--…".to_owned()), BeforeRole("--…".to_owned()),
        Repeated("--…".to_owned()), NoRole, NoRoleForRegion, Duration, Tag,
    });
    let arguments = arguments.into_iter().map(ConfigurationError::Arguments);
    errors.extend(arguments.map(Error::Role));
    let roles = examples!(RoleError {
        Arn, Partition(ANY), SessionName, ExternalId, Duration, ChainedDuration, SourceIdentity,
        TooManyTags, TagKey, TagValue, RepeatedTag, PolicyTooLarge(3_000), PolicyNotJson,
        PolicyFile(TokenError::Missing), TooManyPolicyArns, PolicyArn,
    });
    errors.extend(roles.into_iter().map(role));
    let services = examples!(ServiceError {
        NoRegion, Region(any()), Variant, Flag("AWS_USE_FIPS_ENDPOINT"),
        NoGlobalVariant("AWS_USE_FIPS_ENDPOINT"),
        OtherRegion { origin: any(), of_host: any(), named: any() },
        Endpoint { name: "the URL", error: UriError::Host }, Path { name: "the URL" },
    });
    errors.extend(services.into_iter().map(service));
    errors
}

#[test]
fn the_parts_of_a_sentence_are_joined_in_one_way() {
    let error = Error::Token(TokenSourceError::File {
        path: "/var/token".into(),
        error: TokenError::Missing,
    });
    assert_eq!(
        error.to_string(),
        "invalid authorization token file: /var/token: no such file (is the token's volume mounted \
         there, and readable for this user?)"
    );
}

/// Whatever the parts hold: a host makes messages of its own, too.
#[test]
fn a_message_is_one_line() {
    let message = Message::new("a\nb", "c\u{1b}[2J\u{202e}", "d\r\u{2028}");
    assert_eq!(message.to_string(), "a b: c[2J (d)");
}

#[test]
fn every_sentence_says_what_failed_why_and_what_to_do() {
    for error in errors() {
        let told = error.message();
        for part in [told.what, told.why, told.remedy] {
            assert!(!part.is_empty(), "{error:?}");
        }
    }
}

#[test]
fn what_a_missing_response_is_remedied_by_depends_on_the_connection() {
    let of = |error, agent| {
        let origin = "http://169.254.170.2".into();
        let error = Error::Response(ResponseError::Unreachable {
            origin,
            error,
            agent,
        });
        error.message().remedy
    };
    for (error, eks, ecs) in [
        (
            TransportError::Refused,
            "does the EKS Pod Identity Agent run",
            "does the agent of Amazon ECS run",
        ),
        (
            TransportError::ConnectTimeout,
            "may the pod reach it?",
            "may the task reach it?",
        ),
        (
            TransportError::ResponseTimeout,
            "the EKS Pod Identity Agent runs, and waits for EKS Auth",
            "see the log",
        ),
        (
            TransportError::BodyTimeout,
            "waits for EKS Auth",
            "see the log",
        ),
        (TransportError::Closed, "try again later", "try again later"),
        (
            TransportError::NotHttp,
            "is this a container",
            "is this a container",
        ),
        (
            TransportError::RuntimeLimit,
            "is this a container",
            "is this a container",
        ),
    ] {
        let of_eks = of(error.clone(), Agent::Eks);
        assert!(of_eks.contains(eks), "{of_eks}");
        let of_ecs = of(error, Agent::Ecs);
        assert!(of_ecs.contains(ecs) && !of_ecs.contains("EKS"), "{of_ecs}");
    }
}

proptest! {
    /// Whatever comes from outside is inside of an error: paths, arguments, and what was answered.
    #[test]
    fn every_sentence_is_one_short_printable_line(
        text in prop_oneof![".{0,900}", "[\\x00-\\x1f\\x7f-\\x9f\u{2028}\u{202e}a]{0,40}"],
        status in any::<u16>(),
    ) {
        let internal = || TransportError::Internal(Some(text.clone()));
        for error in [
            Error::Token(TokenSourceError::File { path: text.clone(), error: TokenError::Missing }),
            Error::Response(ResponseError::Denied(RequestDenied { method: "GET", origin: text.clone(), error: internal() })),
            Error::Response(ResponseError::Unreachable { origin: text.clone(), error: internal(), agent: Agent::Eks }),
            self::status(EKS, status, &text, &text),
            by_proxy(Agent::Eks, status, &text),
            Error::Sts(StsError::AnotherRole { asked: text.clone(), assumed: text.clone() }),
            Error::Response(ResponseError::Refused { code: text.clone(), message: text.clone(), agent: Agent::Eks }),
            Error::Role(ConfigurationError::Arguments(ArgumentError::UnknownOption(text.clone()))),
            Error::Role(ConfigurationError::Role { name: text.clone(), error: RoleError::Arn }),
            Error::Sts(StsError::Unreachable { origin: text.clone(), error: internal(), variant: None }),
            sts(status, &text, &text, &text),
            sts(status, &text, &text, &text).after(sts(429, &text, &text, &text)),
        ] {
            let sentence = error.to_string();
            let hidden = |c: char| c.is_control() || matches!(c, '\u{2028}' | '\u{202e}');
            prop_assert!(!sentence.chars().any(hidden));
            prop_assert!(sentence.chars().count() <= 2_000);
        }
    }
}
