//! The AWS SDK for Rust with credentials from the sandbox: no profile, no credential process.
//!
//! Run it where the `AWS_CONTAINER_*` variables are set, for example with those that
//! `cargo xtask demo --keep` prints:
//!
//! ```console
//! $ cargo run --example aws_config --features aws
//! ```

use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use epicac::{Grants, Sandbox};
use std::error::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let provider = Sandbox::new()?.provider(Grants::from_process()?);
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(provider)
        .load()
        .await;

    // Any client made of `config` signs with these credentials, and gets new ones before they expire.
    let credentials = config
        .credentials_provider()
        .ok_or("no provider")?
        .provide_credentials()
        .await?;
    println!(
        "access key id {}, expires {:?}",
        credentials.access_key_id(),
        credentials.expiry()
    );
    Ok(())
}
