//! An application: it knows nothing of accounts, roles, profiles or epicac.
//!
//! It says its version, and then, for each line on stdin, it calls AWS with the clients it has had from the
//! start, and prints what came of it as one line of JSON.

use std::io::stdin;

use aws_config::BehaviorVersion;
use aws_sdk_s3::error::{BoxError, DisplayErrorContext};
use aws_smithy_http_client::Builder;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(Builder::new().build_http())
        .load()
        .await;
    let identity = aws_sdk_sts::Client::new(&config);
    let storage = aws_sdk_s3::Client::new(&config);
    let version = format!("aws-sdk-s3 {}", aws_sdk_s3::meta::PKG_VERSION);
    println!("{}", json!({ "version": version }));
    for _ in stdin().lines() {
        let seen = call(&identity, &storage).await;
        println!(
            "{}",
            seen.unwrap_or_else(
                |error| json!({ "error": DisplayErrorContext(&*error).to_string() })
            )
        );
    }
}

async fn call(
    identity: &aws_sdk_sts::Client,
    storage: &aws_sdk_s3::Client,
) -> Result<Value, BoxError> {
    let who = identity.get_caller_identity().send().await?;
    let list = storage.list_buckets().send().await?;
    let buckets: Vec<_> = list.buckets().iter().map(|bucket| bucket.name()).collect();
    Ok(json!({ "arn": who.arn(), "buckets": buckets }))
}
