"""An application: it knows nothing of accounts, roles, profiles or epicac.

It says its version, and then, for each line on stdin, it calls AWS with the clients it has had from the start, and prints what came of
it as one line of JSON.
"""

import json
import platform
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

clients = []


def call():
    # Credentials are fetched as soon as a client is made. A session in which that failed once would say
    # "Infinite loop in credential configuration detected" the next time, whatever the reason is.
    if not clients:
        session = boto3.Session()
        clients.extend([session.client("sts"), session.client("s3")])
    identity, storage = clients
    arn = identity.get_caller_identity()["Arn"]
    buckets = [bucket["Name"] for bucket in storage.list_buckets()["Buckets"]]
    return {"arn": arn, "buckets": buckets}


version = f"boto3 {boto3.__version__}, Python {platform.python_version()}"
print(json.dumps({"version": version}), flush=True)
for _ in sys.stdin:
    try:
        seen = call()
    except (BotoCoreError, ClientError) as error:
        seen = {"error": str(error)}
    print(json.dumps(seen), flush=True)
