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

/// The SDKs' name of the global endpoint of STS, in the place of a region.
pub const AWS_GLOBAL: &str = "aws-global";

/// The region of the global endpoint of STS, and of an endpoint whose region is not known.
pub const GLOBAL_REGION: &str = "us-east-1";

/// Whether this is the code of a region, or [`AWS_GLOBAL`].
pub fn is_region(code: &str) -> bool {
    code == AWS_GLOBAL || is_code(code)
}

/// Whether this has the form of a region's code, as `us-east-1` and `us-gov-west-1` have: two or three words, of which the
/// first one is a short one for the area, and a number. `us-east-1a` is a zone, `cn-north` is incomplete, and
/// `fips-us-gov-west-1` is a name that only endpoints have. A region's code is safe as a part of a host name.
fn is_code(code: &str) -> bool {
    let Some((words, number)) = code.rsplit_once('-') else {
        return false;
    };
    let mut count = 0;
    for word in words.split('-') {
        let longest = if count == 0 { 4 } else { 16 };
        let is_sound = word.bytes().all(|byte| byte.is_ascii_lowercase());
        if !is_sound || !(2..=longest).contains(&word.len()) {
            return false;
        }
        count += 1;
    }
    let is_number = matches!(
        number.as_bytes(),
        [b'1'..=b'9'] | [b'1'..=b'9', b'0'..=b'9']
    );
    is_number && (2..=3).contains(&count) && !words.starts_with("fips-")
}

/// The region of the STS of this name, if it is one of AWS's: global, of a region (FIPS and dual-stack, too), or of an
/// interface VPC endpoint. Nobody else can have a certificate for such a name.
pub fn region_of_sts(name: &str) -> Option<&str> {
    if name == "sts.amazonaws.com" {
        return Some(GLOBAL_REGION);
    }
    let (first, rest) = name.split_once('.')?;
    let is_vpce = first.starts_with("vpce-");
    let (service, rest) = if is_vpce {
        rest.split_once('.')?
    } else {
        (first, rest)
    };
    // Not `s3` or `s3-external-1`: below these, buckets can have any name.
    let (region, domain) = rest.split_once('.').filter(|(region, _)| is_code(region))?;
    let domain = if is_vpce {
        domain.strip_prefix("vpce.")?
    } else {
        domain
    };
    let partition = Partition::of(region);
    let is_sts = matches!(service, "sts" | "sts-fips")
        && [partition.domain, partition.dual_stack_domain].contains(&domain);
    is_sts.then_some(region)
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
