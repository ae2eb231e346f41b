//! Which STS is asked, and where that comes from.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "tests say what they expect by panicking"
)]

use epicac_component::sts::environment::VARIABLES;
use epicac_component::sts::error::ConfigurationError;
use epicac_component::{Arguments, Error, Service, Sts, StsEnvironment};
use proptest::prelude::*;

fn region(region: &str) -> Service {
    Service {
        region: Some(region.into()),
        ..Service::default()
    }
}

fn endpoint(url: &str) -> Service {
    Service {
        endpoint: Some(url.into()),
        ..Service::default()
    }
}

/// The endpoint, and the region that is signed for.
fn asked(service: &Service) -> (String, String) {
    let sts = Sts::of(service).unwrap();
    (sts.endpoint().origin(), sts.region().to_owned())
}

fn for_all(url: &str) -> Service {
    Service {
        is_for_all: true,
        ..endpoint(url)
    }
}

fn reason(service: &Service) -> String {
    Error::from(ConfigurationError::from(Sts::of(service).unwrap_err())).to_string()
}

/// As in the SDKs' endpoint rules of STS, and their list of partitions.
#[test]
fn a_region_has_its_endpoint_in_its_partition() {
    for (name, usual, fips, dual_stack, both) in [
        (
            "eu-central-1",
            "sts.eu-central-1.amazonaws.com",
            "sts-fips.eu-central-1.amazonaws.com",
            "sts.eu-central-1.api.aws",
            "sts-fips.eu-central-1.api.aws",
        ),
        (
            "mars-north-1",
            "sts.mars-north-1.amazonaws.com",
            "sts-fips.mars-north-1.amazonaws.com",
            "sts.mars-north-1.api.aws",
            "sts-fips.mars-north-1.api.aws",
        ),
        (
            "cn-northwest-1",
            "sts.cn-northwest-1.amazonaws.com.cn",
            "sts-fips.cn-northwest-1.amazonaws.com.cn",
            "sts.cn-northwest-1.api.amazonwebservices.com.cn",
            "sts-fips.cn-northwest-1.api.amazonwebservices.com.cn",
        ),
        (
            "us-gov-west-1",
            "sts.us-gov-west-1.amazonaws.com",
            "sts.us-gov-west-1.amazonaws.com",
            "sts.us-gov-west-1.api.aws",
            "sts-fips.us-gov-west-1.api.aws",
        ),
        (
            "us-iso-east-1",
            "sts.us-iso-east-1.c2s.ic.gov",
            "sts-fips.us-iso-east-1.c2s.ic.gov",
            "sts.us-iso-east-1.api.aws.ic.gov",
            "sts-fips.us-iso-east-1.api.aws.ic.gov",
        ),
        (
            "us-isob-east-1",
            "sts.us-isob-east-1.sc2s.sgov.gov",
            "sts-fips.us-isob-east-1.sc2s.sgov.gov",
            "sts.us-isob-east-1.api.aws.scloud",
            "sts-fips.us-isob-east-1.api.aws.scloud",
        ),
        (
            "eu-isoe-west-1",
            "sts.eu-isoe-west-1.cloud.adc-e.uk",
            "sts-fips.eu-isoe-west-1.cloud.adc-e.uk",
            "sts.eu-isoe-west-1.api.cloud-aws.adc-e.uk",
            "sts-fips.eu-isoe-west-1.api.cloud-aws.adc-e.uk",
        ),
        (
            "us-isof-south-1",
            "sts.us-isof-south-1.csp.hci.ic.gov",
            "sts-fips.us-isof-south-1.csp.hci.ic.gov",
            "sts.us-isof-south-1.api.aws.hci.ic.gov",
            "sts-fips.us-isof-south-1.api.aws.hci.ic.gov",
        ),
        (
            "eusc-de-east-1",
            "sts.eusc-de-east-1.amazonaws.eu",
            "sts-fips.eusc-de-east-1.amazonaws.eu",
            "sts.eusc-de-east-1.api.amazonwebservices.eu",
            "sts-fips.eusc-de-east-1.api.amazonwebservices.eu",
        ),
    ] {
        for (use_fips, use_dual_stack, host) in [
            (false, false, usual),
            (true, false, fips),
            (false, true, dual_stack),
            (true, true, both),
        ] {
            let service = Service {
                use_fips,
                use_dual_stack,
                ..region(name)
            };
            let expected = (format!("https://{host}"), name.to_owned());
            assert_eq!(asked(&service), expected);
        }
    }
}

#[test]
fn the_global_endpoint_is_signed_for_us_east_1() {
    let (host, signed) = asked(&region("aws-global"));
    assert_eq!(host, "https://sts.amazonaws.com");
    assert_eq!(signed, "us-east-1");
}

/// A URL of AWS, and the region in its name.
const OF_AWS: [(&str, &str); 15] = [
    ("https://sts.eu-central-1.amazonaws.com", "eu-central-1"),
    (
        "https://STS.EU-Central-1.AMAZONAWS.com:443/",
        "eu-central-1",
    ),
    ("https://sts.eu-central-1.amazonaws.com.", "eu-central-1"),
    (
        "https://sts.eu-central-1.amazonaws.com.:443",
        "eu-central-1",
    ),
    ("https://sts-fips.us-west-2.amazonaws.com", "us-west-2"),
    ("https://sts.eu-central-1.api.aws", "eu-central-1"),
    ("https://sts-fips.us-east-2.api.aws", "us-east-2"),
    ("https://sts.us-gov-west-1.amazonaws.com", "us-gov-west-1"),
    ("https://sts.cn-north-1.amazonaws.com.cn", "cn-north-1"),
    ("https://sts.us-iso-east-1.c2s.ic.gov", "us-iso-east-1"),
    ("https://sts.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
    (
        "https://vpce-1.sts.eu-west-1.vpce.amazonaws.com",
        "eu-west-1",
    ),
    (
        "https://vpce-1-eu-west-1a.sts.eu-west-1.vpce.amazonaws.com",
        "eu-west-1",
    ),
    (
        "https://vpce-1.sts.cn-north-1.vpce.amazonaws.com.cn",
        "cn-north-1",
    ),
    ("https://sts.amazonaws.com", "us-east-1"),
];

#[test]
fn an_endpoint_of_aws_is_signed_for_the_region_in_its_name() {
    for (url, signed) in OF_AWS {
        for region in [None, Some(signed.to_owned())] {
            let service = Service {
                region,
                ..endpoint(url)
            };
            assert_eq!(asked(&service).1, signed, "{url}");
        }
    }
    // What the SDKs call the global endpoint.
    let service = Service {
        region: Some("aws-global".into()),
        ..endpoint("https://sts.amazonaws.com")
    };
    assert_eq!(asked(&service).1, "us-east-1");
}

#[test]
fn another_region_beside_an_endpoint_of_aws_is_refused_by_both_names() {
    for (url, signed) in OF_AWS {
        for named in ["ap-south-1", "us-gov-east-1"] {
            let service = Service {
                region: Some(named.into()),
                ..endpoint(url)
            };
            let reason = reason(&service);
            let why = format!("is the STS of {signed}, but {named} is named as its region (");
            assert!(reason.contains(&why), "{reason}");
            assert!(reason.contains("--region or AWS_REGION"), "{reason}");
        }
    }
    let service = Service {
        region: Some("aws-global".into()),
        ..endpoint("https://sts.eu-west-1.amazonaws.com")
    };
    // The name that was written, not the region that it stands for.
    assert!(reason(&service).contains("is the STS of eu-west-1, but aws-global is named"));
}

#[test]
fn another_endpoint_wins_and_is_signed_for_the_region_or_us_east_1() {
    for (url, origin) in [
        ("https://STS.example:8443/", "https://sts.example:8443"),
        ("https://sts.example:443", "https://sts.example"),
        (
            "https://sts.eu-central-1.amazonaws.com.example",
            "https://sts.eu-central-1.amazonaws.com.example",
        ),
        (
            "https://sts.cn-north-1.amazonaws.com",
            "https://sts.cn-north-1.amazonaws.com",
        ),
        (
            "https://vpce-1.sts.eu-west-1.amazonaws.com",
            "https://vpce-1.sts.eu-west-1.amazonaws.com",
        ),
        ("http://127.0.0.1:5000", "http://127.0.0.1:5000"),
        ("http://localhost:80/", "http://localhost"),
        ("https://[fd00::1]:443", "https://[fd00::1]"),
    ] {
        assert_eq!(asked(&endpoint(url)), (origin.into(), "us-east-1".into()));
        let service = Service {
            region: Some("eu-west-1".into()),
            ..endpoint(url)
        };
        assert_eq!(asked(&service), (origin.into(), "eu-west-1".into()));
    }
}

#[test]
fn the_global_endpoint_has_no_variant_and_the_variable_is_named() {
    for (use_fips, use_dual_stack, variables) in [
        (true, false, "AWS_USE_FIPS_ENDPOINT"),
        (false, true, "AWS_USE_DUALSTACK_ENDPOINT"),
        (
            true,
            true,
            "AWS_USE_FIPS_ENDPOINT with AWS_USE_DUALSTACK_ENDPOINT",
        ),
    ] {
        let service = Service {
            use_fips,
            use_dual_stack,
            ..region("aws-global")
        };
        let why = format!("{variables} asks for an endpoint that STS does not have for aws-global");
        let reason = reason(&service);
        assert!(reason.contains(&why), "{reason}");
        assert!(
            reason.contains("(name a region, such as us-east-1"),
            "{reason}"
        );
    }
}

#[test]
fn what_names_no_sts_is_refused_with_its_remedy() {
    let fips = |service| Service {
        use_fips: true,
        ..service
    };
    let dual_stack = |service| Service {
        use_dual_stack: true,
        ..service
    };
    let url = "https://sts.example";
    for (service, why) in [
        (
            Service::default(),
            "neither a region nor an endpoint is given (set --region",
        ),
        (fips(Service::default()), "neither a region nor an endpoint"),
        (
            region("eu.evil.example/"),
            "eu.evil.example/ is not the code of a region (write one such as eu-central-1)",
        ),
        (region("EU-WEST-1"), "EU-WEST-1 is not the code of a region"),
        (region("us-east-1a"), "us-east-1a is not the code"),
        (region("ireland"), "ireland is not the code"),
        (region("cn-north"), "cn-north is not the code"),
        (region("us-west-2-lax-1"), "us-west-2-lax-1 is not the code"),
        (region("us-east-01"), "us-east-01 is not the code"),
        (region("us--east-1"), "us--east-1 is not the code"),
        (
            region("fips-us-gov-west-1"),
            "fips-us-gov-west-1 is not the code",
        ),
        (
            region("us-gov-west-1-fips"),
            "us-gov-west-1-fips is not the code",
        ),
        (region("fips-us-east-1"), "fips-us-east-1 is not the code"),
        (region("fips-aws-global"), "fips-aws-global is not the code"),
        (region("use1-az1"), "use1-az1 is not the code"),
        (
            region("sts-us-gov-east-1"),
            "sts-us-gov-east-1 is not the code",
        ),
        (region("s-east-1"), "s-east-1 is not the code"),
        (region("-1"), "-1 is not the code"),
        (
            region(&("x".repeat(61) + "-x-1")),
            "is not the code of a region",
        ),
        (
            fips(endpoint(url)),
            "FIPS and dual-stack go with no other endpoint",
        ),
        (
            dual_stack(endpoint(url)),
            "FIPS and dual-stack go with no other endpoint",
        ),
        (
            endpoint("http://sts.example"),
            "the URL names the host sts.example, but over http only",
        ),
        (endpoint("sts.example"), "the URL is not an absolute URI"),
        (endpoint("ftp://sts.example"), "the URL has a scheme"),
        (
            endpoint("https://user@sts.example"),
            "the URL holds a user name",
        ),
        (
            endpoint("https://sts.example/path"),
            "the URL holds a path or a query",
        ),
        (
            endpoint("https://sts.example/?x"),
            "the URL holds a path or a query",
        ),
        (
            endpoint("https://sts.example#x"),
            "the URL holds a fragment",
        ),
        (
            for_all("http://minio.example"),
            "AWS_ENDPOINT_URL names the host minio.example, but over http only",
        ),
        (
            for_all("https://minio.example/x"),
            "AWS_ENDPOINT_URL holds a path or a query",
        ),
    ] {
        let reason = reason(&service);
        assert!(reason.starts_with("cannot assume a role: "), "{reason}");
        assert!(reason.contains(why) && reason.ends_with(')'), "{reason}");
    }
}

fn environment(variables: &[(&str, &str)]) -> StsEnvironment {
    read(variables).unwrap()
}

fn read(variables: &[(&str, &str)]) -> Result<StsEnvironment, ConfigurationError> {
    StsEnvironment::from_variables(variables.iter().map(|&(n, v)| (n, v.to_owned())))
}

#[test]
fn a_variable_that_is_neither_true_nor_false_is_refused_by_its_name() {
    for name in [
        "AWS_USE_FIPS_ENDPOINT",
        "AWS_USE_DUALSTACK_ENDPOINT",
        "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    ] {
        for value in ["1", "0", "yes", "on", " true", "true ", "tru", "\"true\""] {
            let reason = Error::from(read(&[(name, value)]).unwrap_err()).to_string();
            let expected = format!("cannot assume a role: {name} is neither true nor false (");
            assert!(reason.starts_with(&expected), "{reason}");
        }
    }
    for (value, expected) in [
        ("", false),
        ("False", false),
        ("TRUE", true),
        ("true", true),
    ] {
        let read = environment(&[
            ("AWS_USE_FIPS_ENDPOINT", value),
            ("AWS_USE_DUALSTACK_ENDPOINT", value),
        ]);
        assert_eq!((read.use_fips, read.use_dual_stack), (expected, expected));
    }
}

#[test]
fn an_endpoint_that_stands_in_a_variable_for_a_wish_names_it() {
    for (use_fips, use_dual_stack, variant) in [
        (false, false, None),
        (true, false, Some("AWS_USE_FIPS_ENDPOINT")),
        (false, true, Some("AWS_USE_DUALSTACK_ENDPOINT")),
        (
            true,
            true,
            Some("AWS_USE_FIPS_ENDPOINT with AWS_USE_DUALSTACK_ENDPOINT"),
        ),
    ] {
        let service = Service {
            use_fips,
            use_dual_stack,
            ..region("eu-central-1")
        };
        assert_eq!(Sts::of(&service).unwrap().variant(), variant);
    }
}

#[test]
fn arguments_win_over_variables_and_an_empty_variable_counts_as_unset() {
    let variables = [
        ("AWS_REGION", ""),
        ("AWS_DEFAULT_REGION", "eu-west-1"),
        ("AWS_ENDPOINT_URL_STS", ""),
        ("AWS_ENDPOINT_URL", "https://other.example"),
        ("AWS_USE_FIPS_ENDPOINT", "TRUE"),
        ("AWS_USE_DUALSTACK_ENDPOINT", "False"),
    ];
    let service = environment(&variables).service(&Arguments::default());
    let expected = Service {
        region: Some("eu-west-1".into()),
        endpoint: Some("https://other.example".into()),
        is_for_all: true,
        use_fips: true,
        use_dual_stack: false,
    };
    assert_eq!(service, expected);
    let arguments = Arguments {
        region: Some("eu-north-1".into()),
        sts_endpoint: Some("https://mine.example".into()),
        ..Arguments::default()
    };
    let service = environment(&variables).service(&arguments);
    assert_eq!(service.region.as_deref(), Some("eu-north-1"));
    assert_eq!(service.endpoint.as_deref(), Some("https://mine.example"));
    assert!(!service.is_for_all);
}

#[test]
fn the_services_own_variable_wins_and_both_can_be_ignored() {
    let both = [
        ("AWS_ENDPOINT_URL", "https://other.example"),
        ("AWS_ENDPOINT_URL_STS", "https://sts.example"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_DEFAULT_REGION", "eu-west-2"),
    ];
    let read = environment(&both);
    assert_eq!(read.endpoint.as_deref(), Some("https://sts.example"));
    assert_eq!(read.region.as_deref(), Some("eu-west-1"));
    for (ignore, expected) in [("true", None), ("false", Some("https://sts.example"))] {
        let ignoring = [("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignore)];
        let read = environment(&[&both[..], &ignoring[..]].concat());
        assert_eq!(read.endpoint.as_deref(), expected);
    }
}

#[test]
fn a_session_is_named_by_its_variable_or_else_after_the_host() {
    for (variables, expected) in [
        (&[][..], "epicac"),
        (&[("HOSTNAME", "")], "epicac"),
        (&[("HOSTNAME", "app-7d9f-x2x")], "epicac-app-7d9f-x2x"),
        (&[("HOSTNAME", "a b/\u{e9}:c_d.e")], "epicac-a-b---c_d.e"),
        (
            &[("HOSTNAME", "x"), ("AWS_ROLE_SESSION_NAME", "mine")],
            "mine",
        ),
    ] {
        assert_eq!(environment(variables).session_name, expected);
    }
    let long = environment(&[("HOSTNAME", &"x".repeat(100))]).session_name;
    assert_eq!(long, format!("epicac-{}", "x".repeat(57)));
}

#[test]
fn the_first_of_two_counts_and_no_other_variable_is_read() {
    let twice = [("AWS_REGION", "eu-west-1"), ("AWS_REGION", "eu-west-2")];
    assert_eq!(environment(&twice).region.as_deref(), Some("eu-west-1"));
    let others = [
        ("AWS_PROFILE", "x"),
        ("AWS_ROLE_ARN", "x"),
        ("aws_region", "x"),
    ];
    assert_eq!(environment(&others), environment(&[]));
    assert_eq!(VARIABLES.len(), 9);
}

proptest! {
    /// Whatever a region holds, the host stays one of AWS's.
    #[test]
    fn no_region_changes_the_domain(name in "([a-z0-9.@/:?#-]{0,20}|[a-z]{1,4}-[a-z./-]{1,8}-[1-9]{1,3})", flags in any::<(bool, bool)>()) {
        let service = Service { use_fips: flags.0, use_dual_stack: flags.1, ..region(&name) };
        if let Ok(sts) = Sts::of(&service) {
            let host = sts.endpoint().host().to_string();
            prop_assert!([".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".api.aws", ".gov",
                ".api.amazonwebservices.com.cn", ".api.amazonwebservices.eu", ".uk", ".scloud"]
                .iter().any(|domain| host.ends_with(domain)), "{}", host);
        }
    }

    #[test]
    fn a_default_session_name_is_one(host in ".{0,100}") {
        let name = environment(&[("HOSTNAME", &host)]).session_name;
        prop_assert!((2..=64).contains(&name.len()));
        prop_assert!(name.bytes().all(epicac_component::sts::role::is_name_byte));
    }
}
