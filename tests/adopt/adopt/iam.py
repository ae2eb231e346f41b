"""The policies of deploy/terraform, enforced by moto: what a pod with the source role gets.

Reads the documents as JSON from stdin, and prints for each thing that the pod tries who it became, or the error.
"""

import json
import logging
import sys

import boto3
import botocore.exceptions
import requests
from moto.server import ThreadedMotoServer

given = json.load(sys.stdin)
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
ENDPOINT = "http://{}:{}".format(*server.get_host_and_port())
SOURCE_ACCOUNT, DESTINATION_ACCOUNT = "111111111111", "222222222222"


def client(service, credentials):
    return boto3.client(service, endpoint_url=ENDPOINT, region_name="us-east-1", **credentials)


def session(arn, name, credentials):
    answer = client("sts", credentials).assume_role(RoleArn=arn, RoleSessionName=name)["Credentials"]
    return {
        "aws_access_key_id": answer["AccessKeyId"],
        "aws_secret_access_key": answer["SecretAccessKey"],
        "aws_session_token": answer["SessionToken"],
    }


def tried(action):
    try:
        return action()
    except botocore.exceptions.ClientError as error:
        return error.response["Error"]["Code"]


def enforce(on):
    """Whether moto looks at who may do what; it does from the first request on that is counted."""
    count = "0" if on else "1000000"
    requests.post(f"{ENDPOINT}/moto-api/reset-auth", data=count, timeout=10).raise_for_status()


enforce(False)
made_up = {"aws_access_key_id": "ASIAMADEUP", "aws_secret_access_key": "made up"}
# An account begins, in moto, with the first role of it that somebody assumes.
accounts = {
    account: session(f"arn:aws:iam::{account}:role/setup", "setup", made_up)
    for account in (SOURCE_ACCOUNT, DESTINATION_ACCOUNT)
}
source_iam = client("iam", accounts[SOURCE_ACCOUNT])
source_iam.create_role(RoleName="source", AssumeRolePolicyDocument=json.dumps(given["source_trust"]))
source_iam.put_role_policy(
    RoleName="source", PolicyName="assume", PolicyDocument=json.dumps(given["source_permissions"])
)
for role in ("dest", "other"):
    client("iam", accounts[DESTINATION_ACCOUNT]).create_role(
        RoleName=role, AssumeRolePolicyDocument=json.dumps(given["destination_trust"])
    )
# As EKS does it, whom moto does not have.
pod = session(f"arn:aws:iam::{SOURCE_ACCOUNT}:role/source", "pod", accounts[SOURCE_ACCOUNT])
enforce(True)


def destination():
    credentials = session(given["destination"], "pod", pod)
    return client("sts", credentials).get_caller_identity()["Arn"]


seen = {
    "destination": tried(destination),
    "another role": tried(lambda: session(f"arn:aws:iam::{DESTINATION_ACCOUNT}:role/other", "pod", pod)),
    "another action": tried(lambda: client("iam", pod).list_roles()),
}
enforce(False)
without = json.loads(json.dumps(given["source_permissions"]).replace('"sts:AssumeRole"', '"sts:GetCallerIdentity"'))
source_iam.put_role_policy(RoleName="source", PolicyName="assume", PolicyDocument=json.dumps(without))
enforce(True)
seen["the destination role once sts:AssumeRole is gone"] = tried(destination)
print(json.dumps(seen))
server.stop()
