//! The least that a run, a role and a server need of the machine: docs/images.md.

use epicac_tests::{Epicac, Serving, Sts};

use crate::cases::{each, generous_agent, gets_credentials};
use crate::roles::{READER, assuming, gets_role};

/// `ulimit`'s option, and its value for a run and for a server. Space is counted in KiB.
const LEAST: [(&str, u32, u32); 3] = [
    // Open files.
    ("-n", 16, 24),
    // Address space.
    ("-v", 40 * 1024, 40 * 1024),
    // Memory that is written to.
    ("-d", 12 * 1024, 12 * 1024),
];

fn limited(epicac: Epicac, option: &str, value: u32) -> Epicac {
    let script = format!("ulimit {option} {value}; exec \"$0\" \"$@\"");
    epicac.under(["sh", "-c", &script])
}

#[test]
fn it_runs_with_the_least_that_the_documentation_names() {
    each(&LEAST, |&(option, run, server)| {
        let (agent, sts) = (generous_agent(), Sts::start().unwrap());
        gets_credentials(limited(Epicac::asking(&agent), option, run));
        let role = ["--role-arn", READER];
        gets_role(limited(assuming(&agent, &sts, &role), option, run), 1);
        let server = limited(assuming(&agent, &sts, &[]), option, server);
        let serving = Serving::start(server, &role);
        let served = serving.get("/v1/credentials").credentials();
        assert_eq!(served["AccessKeyId"], "ASIAROLE2");
    });
}

/// Want of descriptors is told, and never waited for.
#[test]
fn with_less_it_fails_on_one_line() {
    let agent = generous_agent();
    let few: Vec<u32> = (3..7).collect();
    each(&few, |&limit| {
        limited(Epicac::asking(&agent), "-n", limit)
            .run()
            .fails_with(&["epicac: "]);
    });
}
