//! Every error is told on one line, `what failed: why (what to do)`: `behaviour.md` §5.

use epicac_component::credentials::CredentialsError;
use epicac_component::document::DocumentError;
use epicac_component::endpoint::{Agent, EndpointError};
use epicac_component::sts::ConfigurationError;
use epicac_component::sts::arguments::ArgumentError;
use epicac_component::sts::role::RoleError;
use epicac_component::sts::service::ServiceError;
use epicac_component::token::{TokenError, TokenOrigin};
use epicac_component::transport::TransportError;
use epicac_component::{Circumstance, Error, Timestamp};
use proptest::prelude::*;

/// As for a pod of EKS.
const EKS: Circumstance = Circumstance {
    agent: Agent::Eks,
    token: TokenOrigin::File,
};

fn status(status: u16, code: &str, message: &str) -> Error {
    Error::UnexpectedStatus {
        status,
        code: Some(code.to_owned()).filter(|code| !code.is_empty()),
        message: message.to_owned(),
        circumstance: EKS,
    }
}

fn token_file(error: TokenError) -> Error {
    Error::InvalidTokenFile {
        path: "/var/token".into(),
        error,
    }
}

/// One error of each variant, and its sentence.
fn examples() -> Vec<(Error, &'static str)> {
    vec![
        (
            Error::NoEndpoint,
            "no container credentials endpoint: neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor \
             AWS_CONTAINER_CREDENTIALS_FULL_URI is set (is the pod's service account associated with \
             a role by EKS Pod Identity?)",
        ),
        (
            Error::InvalidEndpoint {
                name: "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
                error: EndpointError::NotAPath,
            },
            "invalid container credentials endpoint: AWS_CONTAINER_CREDENTIALS_RELATIVE_URI does not \
             begin with / (EKS and ECS set this variable; does the pod's specification override it?)",
        ),
        (
            Error::InvalidToken(TokenError::Empty),
            "invalid authorization token: AWS_CONTAINER_AUTHORIZATION_TOKEN holds no token (set it to \
             the token alone, on one line)",
        ),
        (
            token_file(TokenError::Missing),
            "invalid authorization token file: /var/token: no such file (is the token's volume \
             mounted there, and readable for this user?)",
        ),
        (
            token_file(TokenError::NotGranted),
            "invalid authorization token file: /var/token: the runtime grants no folder that holds it \
             (does it exist, and is it granted, as with wasmtime's --dir?)",
        ),
        (
            token_file(TokenError::Empty),
            "invalid authorization token file: /var/token: holds no token (it has to hold the token \
             alone, on one line)",
        ),
        (
            Error::RequestDenied {
                method: "GET",
                origin: "http://127.0.0.1:8080".into(),
                error: TransportError::Denied,
            },
            "request denied: GET http://127.0.0.1:8080 is not allowed (allow this endpoint in the \
             runtime's policy)",
        ),
        (
            Error::Unreachable {
                origin: "http://169.254.170.23".into(),
                error: TransportError::Refused,
                circumstance: EKS,
            },
            "no response from the container credentials endpoint: http://169.254.170.23 refused the \
             connection (does the EKS Pod Identity Agent run on this node, and may the pod reach it?)",
        ),
        (
            status(503, "", "x"),
            "the container credentials endpoint answered with status 503: x (try again later, and see \
             the log of the EKS Pod Identity Agent)",
        ),
        (
            Error::Refused {
                code: "Failed".into(),
                message: "why".into(),
                circumstance: EKS,
            },
            "the container credentials endpoint refused: Failed: why (may the pod's service account \
             use a role? see the agent's log)",
        ),
        (
            Error::InvalidResponse(DocumentError::TooLarge),
            "response too large: more than the 65,536 bytes that are read of it (is this a container \
             credentials endpoint?)",
        ),
        (
            Error::InvalidResponse(DocumentError::Missing("Token")),
            "invalid response from the container credentials endpoint: Token is missing (is this a \
             container credentials endpoint?)",
        ),
        (
            Error::Expired(Timestamp::MIN),
            "expired credentials: the endpoint served some that expired at 0000-01-01T00:00:00Z (is \
             the clock of this node right?)",
        ),
        (
            Error::InvalidCredentials(CredentialsError::Empty("session-token")),
            "invalid credentials: session-token is empty (pass them on as the endpoint served them)",
        ),
        (
            Error::InvalidCredentials(CredentialsError::TooLarge(70_000)),
            "output too large: 70000 bytes, more than the 64,000 that every AWS SDK reads (give the \
             session fewer tags and shorter policies)",
        ),
        (
            Error::OutputFailed,
            "output failed: standard output cannot be written (is the disk full, or the reader gone?)",
        ),
        (
            Error::InvalidRole(ConfigurationError::Service(ServiceError::Region(
                "a\nb".into(),
            ))),
            "cannot assume a role: a b is not the code of a region (write one such as eu-central-1)",
        ),
        (
            Error::StsUnreachable {
                origin: "https://sts.x".into(),
                error: TransportError::Refused,
            },
            "no response from AWS STS: https://sts.x refused the connection (may the pod reach it? without internet access, its VPC needs an endpoint for STS)",
        ),
        (
            sts(400, "Throttling", "Rate exceeded", "c6104cbe-af31"),
            "AWS STS answered with status 400: Throttling: Rate exceeded [request id c6104cbe-af31] \
             (try again later)",
        ),
        (
            Error::InvalidStsResponse(DocumentError::Missing("SessionToken")),
            "invalid response from AWS STS: SessionToken is missing (is this an endpoint of STS?)",
        ),
    ]
}

/// What the agents answer, and what is to be done about it: by the code that EKS Auth gave before the status, and
/// never with the EKS agent where there is none.
#[test]
fn each_known_answer_of_an_agent_has_its_remedy() {
    let no_token = Circumstance {
        token: TokenOrigin::Absent,
        ..EKS
    };
    let ecs = Circumstance {
        agent: Agent::Ecs,
        token: TokenOrigin::Absent,
    };
    let of_eks_auth = |code: &str| format!("[aaaa-bbbb]: ({code}): why, fault: client");
    for (circumstance, status, message, remedy) in [
        (EKS, 302, "", "redirects are not followed"),
        (
            EKS,
            400,
            "Service account token cannot be empty",
            "(is the token the pod's own, unexpired, with audience pods.eks.amazonaws.com?)",
        ),
        (
            no_token,
            400,
            "Service account token cannot be empty",
            "EKS sets AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
        ),
        (
            EKS,
            400,
            "failed basic claim validations: token is not valid yet",
            "(is the clock of this node right? if it is, a new pod gets a token that is valid)",
        ),
        (
            EKS,
            400,
            &of_eks_auth("AccessDeniedException"),
            "and the role of the node eks-auth:AssumeRoleForPodIdentity?",
        ),
        (
            EKS,
            403,
            &of_eks_auth("AccessDeniedException"),
            "does the role's trust policy allow sts:AssumeRole and sts:TagSession to \
             pods.eks.amazonaws.com,",
        ),
        (
            EKS,
            400,
            &of_eks_auth("InvalidTokenException"),
            "is the token the pod's own, unexpired,",
        ),
        (
            EKS,
            400,
            &of_eks_auth("InvalidParameterException"),
            "EKS Auth does not take what the agent asks",
        ),
        (
            EKS,
            400,
            &of_eks_auth("InvalidRequestException"),
            "EKS Auth does not take what the agent asks",
        ),
        (
            EKS,
            404,
            &of_eks_auth("ResourceNotFoundException"),
            "is a role associated with the pod's service account in this cluster?",
        ),
        (
            EKS,
            429,
            &of_eks_auth("ThrottlingException"),
            "too many requests of this account at EKS Auth",
        ),
        (
            EKS,
            429,
            "Too Many Requests",
            "too many requests on this node",
        ),
        (
            EKS,
            403,
            "Access Denied. Called agent through invalid address",
            "is the endpoint the agent's own address,",
        ),
        (
            EKS,
            404,
            "404 page not found",
            "is the endpoint's path right,",
        ),
        (EKS, 500, "", "see the log of the EKS Pod Identity Agent"),
        (EKS, 418, "", "is this a container credentials endpoint?"),
        (ecs, 404, "", "does the task have a task role?"),
        (
            ecs,
            400,
            "",
            "is the path the one that ECS gave to this task",
        ),
        (ecs, 429, "", "too many requests of this task"),
        (ecs, 500, "", "see the log of the agent of Amazon ECS"),
    ] {
        let error = Error::UnexpectedStatus {
            status,
            code: None,
            message: message.to_owned(),
            circumstance,
        };
        let sentence = error.to_string();
        assert!(sentence.contains(remedy), "{sentence}");
        assert!(
            circumstance.agent == Agent::Eks || !sentence.contains("EKS"),
            "{sentence}"
        );
    }
    let by_code = status(400, "AccessDeniedException", "x").to_string();
    assert!(by_code.contains("eks-auth:"), "{by_code}");
}

#[test]
fn what_a_missing_response_is_remedied_by_depends_on_the_connection() {
    let of = |error, agent| {
        let circumstance = Circumstance { agent, ..EKS };
        let origin = "http://169.254.170.2".into();
        let error = Error::Unreachable {
            origin,
            error,
            circumstance,
        };
        error.told().remedy
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
    ] {
        let of_eks = of(error.clone(), Agent::Eks);
        assert!(of_eks.contains(eks), "{of_eks}");
        let of_ecs = of(error, Agent::Ecs);
        assert!(of_ecs.contains(ecs) && !of_ecs.contains("EKS"), "{of_ecs}");
    }
}

fn sts(status: u16, code: &str, message: &str, request_id: &str) -> Error {
    Error::StsRefused {
        status,
        code: code.to_owned(),
        message: message.to_owned(),
        request_id: request_id.to_owned(),
    }
}

/// What STS says, as far as it is known, and what is to be done about it.
#[test]
fn each_known_answer_of_sts_has_its_remedy() {
    for (code, message, remedy) in [
        (
            "AccessDenied",
            "User: arn:aws:sts::1:assumed-role/src/s is not authorized to perform: sts:TagSession on \
             resource: arn:aws:iam::2:role/dest",
            "allow sts:TagSession in the source role's policy and in the destination role's trust policy",
        ),
        (
            "AccessDenied",
            "User: arn:aws:sts::1:assumed-role/src/s is not authorized to perform: sts:AssumeRole on \
             resource: arn:aws:iam::2:role/dest",
            "allow sts:AssumeRole and sts:TagSession, with this external id?",
        ),
        (
            "AccessDenied",
            "not authorized to perform: sts:SetSourceIdentity",
            "allow sts:SetSourceIdentity",
        ),
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            "the credentials before this hop have expired",
        ),
        ("ExpiredTokenException", "x", "have expired"),
        (
            "PackedPolicyTooLarge",
            "Packed policy consumes 107% of allotted space, please use smaller policy.",
            "they count together, with the tags of EKS Pod Identity",
        ),
        (
            "MalformedPolicyDocument",
            "Syntax errors in policy.",
            "correct the session policy",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role \
             chaining.",
            "lasts 3600 seconds at most: ask for no more",
        ),
        (
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
            "raise the maximum session duration of the role",
        ),
        (
            "RegionDisabledException",
            "STS is not activated in this region for account:1.",
            "activate STS for this region",
        ),
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid",
            "takes no token of the global STS endpoint",
        ),
        (
            "SignatureDoesNotMatch",
            "Signature expired: 20260301T123456Z is now earlier than 20260301T124000Z",
            "(set the clock of this node)",
        ),
        (
            "SignatureDoesNotMatch",
            "Signature not yet current: 20260301T123456Z is still later than 20260301T120000Z",
            "(set the clock of this node)",
        ),
        (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
            "does a proxy change the request?",
        ),
        ("SomethingNew", "x", "see the errors of AssumeRole"),
    ] {
        let sentence = sts(403, code, message, "").to_string();
        assert!(
            sentence.contains(remedy) && sentence.ends_with(')'),
            "{sentence}"
        );
    }
    let moved = sts(307, "", "", "").to_string();
    assert!(moved.contains("redirects are not followed"), "{moved}");
    let busy = sts(503, "", "", "").to_string();
    assert!(
        busy.contains("it did not say why (try again later)"),
        "{busy}"
    );
}

#[test]
fn the_sentences_are_these() {
    for (error, sentence) in examples() {
        assert_eq!(error.to_string(), sentence);
    }
}

#[test]
fn every_sentence_says_what_failed_why_and_what_to_do() {
    for (error, sentence) in examples() {
        assert!(sentence.contains(": "), "{error:?}");
        assert!(
            sentence.contains(" (") && sentence.ends_with(')'),
            "{error:?}"
        );
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
            Error::InvalidTokenFile { path: text.clone(), error: TokenError::Missing },
            Error::RequestDenied { method: "GET", origin: text.clone(), error: internal() },
            Error::Unreachable { origin: text.clone(), error: internal(), circumstance: EKS },
            Error::UnexpectedStatus {
                status, code: Some(text.clone()), message: text.clone(), circumstance: EKS,
            },
            Error::Refused { code: text.clone(), message: text.clone(), circumstance: EKS },
            Error::InvalidRole(ConfigurationError::Arguments(ArgumentError::UnknownOption(text.clone()))),
            Error::InvalidRole(ConfigurationError::Role { name: text.clone(), error: RoleError::Arn }),
            Error::StsUnreachable { origin: text.clone(), error: internal() },
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
