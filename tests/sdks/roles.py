"""AWS that verifies signatures and holds to its policies: moto over TLS and over http, until stdin ends.

usage: roles.py CERTIFICATE KEY

Makes the roles of the tests, and prints one line of JSON: where it listens, and the credentials of the
pod's own role, which may assume the others.
"""

import json
import logging
import sys
import threading

import boto3
import requests
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

certificate, key = sys.argv[1:]
# One line a request, which nobody reads.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
application = DomainDispatcherApplication(create_backend_app)


def serve(tls):
    server = make_server("127.0.0.1", 0, application, threaded=True, ssl_context=tls)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_port


http = f"http://127.0.0.1:{serve(None)}"
https = f"https://localhost:{serve((certificate, key))}"

made_up = {"aws_access_key_id": "ASIAMADEUP", "aws_secret_access_key": "made up"}
common = {"endpoint_url": http, "region_name": "us-east-1"}
anybody = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:*"}],
}
everything = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}],
}
nothing = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}
    ],
}


def session(credentials):
    return {
        "aws_access_key_id": credentials["AccessKeyId"],
        "aws_secret_access_key": credentials["SecretAccessKey"],
        "aws_session_token": credentials["SessionToken"],
    }


def assume(account, role):
    return boto3.client("sts", **common, **made_up).assume_role(
        RoleArn=f"arn:aws:iam::{account}:role/{role}", RoleSessionName="set-up"
    )["Credentials"]


# Nothing is verified yet.
for account, role, policy in [
    ("111111111111", "pod", everything),
    ("222222222222", "reader", everything),
    ("222222222222", "powerless", nothing),
    ("333333333333", "middle", everything),
    ("444444444444", "last", everything),
]:
    iam = boto3.client("iam", **common, **session(assume(account, "set-up")))
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(anybody))
    iam.put_role_policy(
        RoleName=role, PolicyName="policy", PolicyDocument=json.dumps(policy)
    )
pod = assume("111111111111", "pod")
# From here on every signature and every permission counts.
requests.post(f"{http}/moto-api/reset-auth", data=b"0").raise_for_status()

print(json.dumps({"http": http, "https": https, "pod": pod}, default=str), flush=True)
sys.stdin.read()
