//! The keys of a profile that an SDK or the AWS CLI knows, and the one that another key is nearly.
//!
//! From botocore's `configprovider.py` and `credentials.py`, Go's `shared_config.go`, Rust's `aws-config` and
//! `aws-runtime`, Java's `ProfileProperty`, JavaScript's `credential-provider-ini`, and the AWS CLI. SDKs ignore every
//! other key without a word.

use std::sync::LazyLock;
use strsim::osa_distance;

/// Those with a secret in their value, or with a text that may hold one.
#[rustfmt::skip]
const SECRET: [&str; 6] = [
    "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token", "credential_process",
    "endpoint_url",
];

#[rustfmt::skip]
const PLAIN: [&str; 65] = [
    "role_arn", "source_profile", "credential_source", "external_id", "mfa_serial", "role_session_name",
    "duration_seconds", "web_identity_token_file", "login_session", "sso_session", "sso_account_id", "sso_role_name",
    "sso_region", "sso_start_url", "sso_registration_scopes", "aws_account_id", "aws_credential_scope", "region",
    "output", "services", "s3", "account_id_endpoint_mode", "api_versions", "auth_scheme_preference",
    "aws_endpoint_discovery_enabled", "ca_bundle", "cli_auto_prompt", "cli_binary_format", "cli_follow_urlparam",
    "cli_history", "cli_pager", "cli_timestamp_format", "csm_client_id", "csm_enabled", "csm_host", "csm_port",
    "data_path", "defaults_mode", "disable_clock_skew_correction", "disable_host_prefix_injection",
    "disable_request_compression", "ec2_metadata_service_endpoint", "ec2_metadata_service_endpoint_mode",
    "ec2_metadata_v1_disabled", "endpoint_discovery_enabled", "ignore_configured_endpoint_urls", "imds_use_ipv6",
    "max_attempts", "metadata_service_num_attempts", "metadata_service_timeout", "parameter_validation",
    "request_checksum_calculation", "request_min_compression_size_bytes", "response_checksum_validation", "retry_mode",
    "s3_disable_express_session_auth", "s3_disable_multiregion_access_points", "s3_us_east_1_regional_endpoint",
    "s3_use_arn_region", "sdk_ua_app_id", "sigv4a_signing_region_set", "sts_regional_endpoints", "tcp_keepalive",
    "use_dualstack_endpoint", "use_fips_endpoint",
];

/// Whether an SDK knows this key.
pub(super) fn is_known(key: &str) -> bool {
    may_be_shown(key) || SECRET.contains(&key)
}

/// Whether this known key has a value, and nothing that is nested in it.
pub(super) fn is_scalar(key: &str) -> bool {
    is_known(key) && !["s3", "api_versions"].contains(&key)
}

/// Whether a message may show the value of this key.
pub(super) fn may_be_shown(key: &str) -> bool {
    PLAIN.contains(&key)
}

/// The known key that this unknown one resembles. One letter is added, missing or different, two letters are exchanged, it
/// is a plural, it has other separators, or its words are in another order.
pub(super) fn meant(key: &str) -> Option<&'static str> {
    /// A key of fewer letters is too near to other words.
    const SHORTEST: usize = 5;
    static SPELLINGS: LazyLock<Vec<(&str, [String; 3])>> = LazyLock::new(|| {
        let keys = SECRET.into_iter().chain(PLAIN);
        let keys = keys.filter(|key| key.len() > SHORTEST);
        keys.map(|key| (key, spellings(key))).collect()
    });
    if is_known(key) || key.len() < SHORTEST {
        return None;
    }
    let spelled = spellings(key);
    let distance = |known: &[String; 3]| {
        let pairs = spelled.iter().zip(known);
        // Most pairs are not compared at all: a file may have very many keys.
        let pairs = pairs.filter(|(one, other)| one.len().abs_diff(other.len()) < 2);
        pairs.map(|(one, other)| osa_distance(one, other)).min()
    };
    let near = SPELLINGS.iter().filter_map(|(key, known)| {
        let distance = distance(known).filter(|distance| *distance < 2)?;
        Some((distance, *key))
    });
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, key)| key)
}

/// The key as it stands, its words in the singular, and these in the order of the alphabet.
fn spellings(key: &str) -> [String; 3] {
    let words = key.split(|c: char| !c.is_ascii_alphanumeric());
    // `process`, `processes` and `proces` become one, on both sides of the comparison.
    let mut words: Vec<&str> = words.map(|it| it.trim_end_matches(['e', 's'])).collect();
    let singular = words.concat();
    words.sort_unstable();
    [key.to_owned(), singular, words.concat()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[rustfmt::skip]
    fn a_key_that_is_nearly_known_is_meant_as_the_known_one() {
        for (known, keys) in [
            ("credential_process", &[
                "credentials_process", "credential_processes", "credential_proces", "credential_procses", "kredential_process",
                "credential-process", "credentialprocess", "process_credential", "credential_process\u{200b}",
            ][..]),
            ("role_arn", &["role-arn", "role_arns", "roll_arn", "arn_role"]),
            ("source_profile", &["profile_source", "source_profiles", "sourec_profile"]),
            ("region", &["regions", "regoin"]),
            ("duration_seconds", &["duration_second"]),
            ("aws_access_key_id", &["aws_acces_key_id", "aws_access_id_key"]),
        ] {
            for key in keys {
                assert_eq!(meant(key), Some(known), "{key}");
            }
        }
    }

    #[test]
    #[rustfmt::skip]
    fn a_key_of_another_tool_is_meant_as_it_stands() {
        for key in [
            "include_profile", "parent_profile", "mfa_process", "session_tags", "transitive_session_tags", "source_identity",
            "granted_sso_start_url", "granted_sso_region", "granted_sso_role_name", "x_principal_arn", "aws_expiration",
            "azure_default_role_arn", "assumed_role_id", "aws_mfa_device", "role_duration", "color", "name", "s4", "role",
        ] {
            assert_eq!(meant(key), None, "{key}");
        }
    }

    #[test]
    fn a_known_key_is_no_other_one() {
        for key in SECRET.into_iter().chain(PLAIN) {
            assert_eq!(meant(key), None, "{key}");
        }
    }
}
