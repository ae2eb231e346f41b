//! The policies for Kyverno are the admission policies, in the kind of Kyverno.

use epicac_adopt::isolated::until;
use epicac_adopt::place;
use serde_json::{Value, json};

use crate::server::{Cluster, RESTRICTED, cluster, objects};

/// Made of what kustomize builds, without the server.
fn built(cluster: &Cluster, name: &str) -> Vec<Value> {
    let folder = place::repository("deploy/kubernetes").join(name);
    let yaml = cluster.kustomize(&folder);
    let arguments = [
        "create",
        "--dry-run=client",
        "--output=json",
        "--filename",
        "-",
    ];
    let json = cluster.kubectl_with(&yaml, arguments);
    objects(&json.unwrap_or_else(|why| panic!("{why}")))
}

#[test]
fn the_policies_for_kyverno_match_and_change_the_same() {
    let Some(cluster) = cluster() else { return };
    let Some(schemas) = place::chart("kyverno") else {
        return;
    };
    let schema = schemas.join("policies.kyverno.io_mutatingpolicies.yaml");
    let schema = schema.to_str().expect("it is UTF-8");
    let applied = cluster.kubectl(["apply", "--server-side", "--filename", schema]);
    applied.unwrap_or_else(|why| panic!("{why}"));
    // Strictly decoded, by the schema of Kyverno.
    let yaml = cluster.kustomize(&place::repository("deploy/kubernetes/admission-kyverno"));
    let created = until("the API server knows the schema", || {
        match cluster.create(&yaml, RESTRICTED, true) {
            Err(why) if why.contains("no matches for kind") => None,
            created => Some(created.unwrap_or_else(|why| panic!("{why}"))),
        }
    });
    assert_eq!(created.len(), 2);

    let of_kyverno = built(cluster, "admission-kyverno");
    let (policies, bindings): (Vec<_>, Vec<_>) = built(cluster, "admission")
        .into_iter()
        .partition(|object| object["kind"] == "MutatingAdmissionPolicy");
    assert_eq!((policies.len(), bindings.len()), (2, 2));
    for policy in policies {
        let binding = bindings
            .iter()
            .find(|it| it["spec"]["policyName"] == policy["metadata"]["name"]);
        let namespaces =
            &binding.expect("it is bound")["spec"]["matchResources"]["namespaceSelector"];
        let mut expected = policy.clone();
        expected["apiVersion"] = json!("policies.kyverno.io/v1");
        expected["kind"] = json!("MutatingPolicy");
        expected["spec"]["matchConstraints"]["namespaceSelector"] = namespaces.clone();
        expected["spec"]["autogen"] = json!({"podControllers": {"controllers": []}});
        assert!(of_kyverno.contains(&expected), "{expected}\n{of_kyverno:?}");
    }
}
