//! The partitions of AWS, and the partition of a region.

/// A partition: regions that share accounts and a domain.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its name in an ARN.
    pub name: &'static str,
    /// What the names of its regions begin with.
    prefix: &'static str,
    /// The domain of its endpoints.
    pub domain: &'static str,
    /// The domain of its endpoints that speak IPv6, too.
    pub dual_stack_domain: &'static str,
}

const fn partition(
    name: &'static str,
    prefix: &'static str,
    domain: &'static str,
    dual_stack_domain: &'static str,
) -> Partition {
    Partition {
        name,
        prefix,
        domain,
        dual_stack_domain,
    }
}

/// As in the AWS SDKs' list of partitions. The last one takes all regions that no other does: new
/// regions appear there, and the SDKs ask for them there, too.
static PARTITIONS: [Partition; 8] = [
    partition(
        "aws-cn",
        "cn-",
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
    ),
    partition("aws-us-gov", "us-gov-", "amazonaws.com", "api.aws"),
    partition(
        "aws-eusc",
        "eusc-",
        "amazonaws.eu",
        "api.amazonwebservices.eu",
    ),
    partition("aws-iso", "us-iso-", "c2s.ic.gov", "api.aws.ic.gov"),
    partition("aws-iso-b", "us-isob-", "sc2s.sgov.gov", "api.aws.scloud"),
    partition(
        "aws-iso-e",
        "eu-isoe-",
        "cloud.adc-e.uk",
        "api.cloud-aws.adc-e.uk",
    ),
    partition(
        "aws-iso-f",
        "us-isof-",
        "csp.hci.ic.gov",
        "api.aws.hci.ic.gov",
    ),
    partition("aws", "", "amazonaws.com", "api.aws"),
];

impl Partition {
    /// The partition of a region.
    pub fn of(region: &str) -> &'static Self {
        let [.., aws] = &PARTITIONS;
        PARTITIONS
            .iter()
            .find(|partition| region.starts_with(partition.prefix))
            .unwrap_or(aws)
    }
}

/// Whether this is the code of a region: at least two words, and a number. `us-east-1a` is a zone, `cn-north` is
/// incomplete. A region's code is safe as a part of a host name.
pub fn is_region(code: &str) -> bool {
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_number =
        |text: &str| matches!(text.as_bytes(), [b'1'..=b'9'] | [b'1'..=b'9', b'0'..=b'9']);
    let parts = code.rsplit_once('-');
    code == "aws-global"
        || code.len() <= 63
            && parts.is_some_and(|(words, number)| {
                words.contains('-') && words.split('-').all(is_word) && is_number(number)
            })
}

/// Whether this is a name in one of AWS's domains.
pub fn is_aws_name(name: &str) -> bool {
    let is_below = |domain: &str| {
        let below = name.strip_suffix(domain);
        below.is_some_and(|below| below.ends_with('.'))
    };
    let mut partitions = PARTITIONS.iter();
    partitions.any(|it| is_below(it.domain) || is_below(it.dual_stack_domain))
}
