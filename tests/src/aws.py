"""AWS for the real-flow tests: moto on a free port, until stdin ends.

usage: aws.py ACCOUNT BUCKET SOURCE_BUCKET SECONDS ADDRESS

Makes the bucket in the account and the other one in the account of whoever assumes no role, and prints the
endpoint as its only line. The sessions of roles that are assumed end after SECONDS, or when AWS would end
them if it is 0.
"""

import logging
import sys
from datetime import timedelta

import boto3
from moto.core.utils import utcnow
from moto.server import ThreadedMotoServer
from moto.sts.models import AssumedRole

account, bucket, source_bucket, seconds, address = sys.argv[1:]
# One line a request, which nobody reads.
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address=address, port=0, verbose=False)
server.start()
endpoint = "http://{}:{}".format(*server.get_host_and_port())

# No SDK may ask for less than 15 minutes, which no test has.
if session := int(seconds):
    assume = AssumedRole.__init__

    def assume_for_a_moment(self, *arguments, **named):
        assume(self, *arguments, **named)
        self.expiration = utcnow() + timedelta(seconds=session)

    AssumedRole.__init__ = assume_for_a_moment

# An account of its own begins, in moto, with the first role of it that somebody assumes.
made_up = {"aws_access_key_id": "ASIAMADEUP", "aws_secret_access_key": "made up"}
common = {"endpoint_url": endpoint, "region_name": "us-east-1"}
role = boto3.client("sts", **common, **made_up).assume_role(
    RoleArn=f"arn:aws:iam::{account}:role/setup", RoleSessionName="setup"
)["Credentials"]
boto3.client(
    "s3",
    **common,
    aws_access_key_id=role["AccessKeyId"],
    aws_secret_access_key=role["SecretAccessKey"],
    aws_session_token=role["SessionToken"],
).create_bucket(Bucket=bucket)

boto3.client("s3", **common, **made_up).create_bucket(Bucket=source_bucket)

print(endpoint, flush=True)
sys.stdin.read()
server.stop()
