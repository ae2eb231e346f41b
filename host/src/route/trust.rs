//! Whom TLS trusts: Mozilla's roots, or the certificates of `AWS_CA_BUNDLE` alone.

use super::error::BundleError;
use crate::file;
use rustls::client::Resumption;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use std::path::Path;
use std::sync::Arc;
use webpki_roots::TLS_SERVER_ROOTS;

/// The variable that names the file with other roots.
pub(crate) const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// The size of that file, in bytes: ten times that of the roots of an operating system.
const BUNDLE_BYTES: usize = 4 << 20;

/// Reads what TLS needs to know, once for all connections.
///
/// # Errors
///
/// Why the bundle cannot be used.
pub(crate) fn client_config(bundle: Option<&Path>) -> Result<Arc<ClientConfig>, BundleError> {
    let mut roots = RootCertStore::empty();
    match bundle {
        None => roots.extend(TLS_SERVER_ROOTS.iter().cloned()),
        Some(path) => {
            let pem = file::read(path, BUNDLE_BYTES)?;
            add(&mut roots, &pem)?;
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let mut config = builder
        .with_safe_default_protocol_versions()
        .map_err(|error| BundleError::Tls(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    // A connection has one request, and a run few connections.
    config.resumption = Resumption::disabled();
    Ok(Arc::new(config))
}

/// Adds the certificates of a PEM file. One that cannot be read is left out, as long as there is one that
/// can: bundles of operating systems have some that are older than the rules of today.
fn add(roots: &mut RootCertStore, pem: &[u8]) -> Result<(), BundleError> {
    if pem.len() > BUNDLE_BYTES {
        return Err(BundleError::TooLarge);
    }
    let certificates = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let certificates = certificates.map_err(|_| BundleError::Pem)?;
    if certificates.is_empty() {
        return Err(BundleError::Empty);
    }
    match roots.add_parsable_certificates(certificates) {
        (0, _) => Err(BundleError::Certificate),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::FileError;
    use std::fs;

    fn config(content: &[u8]) -> Result<Arc<ClientConfig>, BundleError> {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), content).unwrap();
        client_config(Some(file.path()))
    }

    #[test]
    fn the_built_in_roots_are_there() {
        assert!(client_config(None).is_ok());
        assert!(TLS_SERVER_ROOTS.len() > 100);
    }

    #[test]
    fn a_bundle_that_cannot_be_used_is_refused() {
        let long = vec![b' '; BUNDLE_BYTES + 1];
        for (content, error) in [
            (&b""[..], "Empty"),
            (b"\x30\x82 DER", "Empty"),
            (&pem("PRIVATE KEY"), "Empty"),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n", "Pem"),
            (&pem("CERTIFICATE"), "Certificate"),
            (&long, "TooLarge"),
        ] {
            let refused = config(content).unwrap_err();
            assert_eq!(format!("{refused:?}"), error);
        }
        let device = client_config(Some(Path::new("/dev/zero")));
        let flaw = device.unwrap_err();
        assert!(matches!(flaw, BundleError::File(FileError::NotRegular)));
    }

    fn pem(label: &str) -> Vec<u8> {
        format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n").into()
    }
}
