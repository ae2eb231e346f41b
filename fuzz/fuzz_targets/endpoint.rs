//! A URI of an endpoint: never a panic, and what is accepted over http is a local host.
#![no_main]

use epicac_component::endpoint::{Endpoint, Host, Scheme};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|uri: &str| {
    if let Ok(endpoint) = Endpoint::from_relative_uri(uri) {
        assert_eq!(endpoint.authority(), "169.254.170.2");
        assert_eq!(endpoint.path_with_query(), uri);
    }
    if let Ok(endpoint) = Endpoint::from_full_uri(uri) {
        assert!(endpoint.path_with_query().starts_with('/'));
        // What was accepted is accepted again, as the same endpoint.
        assert_eq!(Endpoint::from_full_uri(&endpoint.to_string()).as_ref(), Ok(&endpoint));
        if endpoint.scheme() == Scheme::Http {
            match endpoint.host() {
                Host::Ipv4(address) => {
                    assert!(address.is_loopback() || address.octets()[..3] == [169, 254, 170]);
                }
                Host::Ipv6(address) => {
                    assert!(address.is_loopback() || address.to_string() == "fd00:ec2::23");
                }
                Host::Name(name) => assert_eq!(name, "localhost"),
            }
        }
    }
});
