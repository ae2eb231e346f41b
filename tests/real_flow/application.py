"""An application: it knows nothing of accounts, roles, profiles or epicac."""

import json

import boto3

arn = boto3.client("sts").get_caller_identity()["Arn"]
buckets = [bucket["Name"] for bucket in boto3.client("s3").list_buckets()["Buckets"]]
print(json.dumps({"arn": arn, "buckets": buckets}))
