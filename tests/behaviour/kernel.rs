//! A run, a role and a server under a policy that requires each layer of the wall that the kernel has. ../kernels runs
//! these tests, and wall_injected, under kernels of Debian.

use epicac_tests::{Epicac, Serving, Sts};
use serde_json::{Value, json};

use crate::cases::{generous_agent, gets_credentials};
use crate::policy::{file, policy_of, printed};
use crate::roles::{READER, assuming, gets_role};
use crate::wall::{LAYERS, standing};

#[test]
fn a_run_gets_credentials_exactly_if_the_kernel_has_the_required_layer() {
    let agent = generous_agent();
    let standing = standing();
    for layer in LAYERS {
        let mut policy = policy_of(Epicac::asking(&agent));
        policy["wall"] = json!([layer]);
        let (_folder, path) = file(policy.to_string());
        let epicac = Epicac::asking(&agent).arg("--policy").arg(&path);
        if standing.contains(&layer) {
            gets_credentials(epicac);
        } else {
            let before = agent.connections();
            epicac.run().fails_with(&["beyond the policy", layer]);
            assert_eq!(agent.connections(), before, "{layer}");
        }
    }
}

#[test]
fn a_role_is_assumed_behind_every_layer_of_the_kernel() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let role = ["--role-arn", READER];
    let epicac = assuming(&agent, &sts, &["policy"]);
    let text = printed(&role.iter().fold(epicac, Epicac::arg).run());
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    policy["wall"] = json!(standing());
    let (_folder, path) = file(policy.to_string());
    let within = ["--policy", path.to_str().unwrap()];
    gets_role(assuming(&agent, &sts, &[within, role].concat()), 1);
}

#[test]
fn a_server_serves_behind_every_layer_of_the_kernel() {
    let (agent, sts) = (generous_agent(), Sts::start().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let role = ["--role-arn", READER];
    let epicac = assuming(&agent, &sts, &["policy", "serve", Serving::ANY_PORT]);
    let epicac = epicac.arg(Serving::token_option(folder.path()));
    let text = printed(&role.iter().fold(epicac, Epicac::arg).run());
    let mut policy: Value = serde_json::from_str(&text).unwrap();
    policy["wall"] = json!(standing());
    let (_policy_folder, path) = file(policy.to_string());
    let within = format!("--policy={}", path.display());
    let options = [&role[..], &[&within]].concat();
    let serving = Serving::begin_in(folder, assuming(&agent, &sts, &[]), &options).ready();
    let served = serving.get("/v1/credentials").credentials();
    assert_eq!(served["AccessKeyId"], "ASIAROLE1");
}
