"""Somebody who types: the version of the AWS CLI, then for each line on stdin two commands of it, and what
came of them as one line of JSON.

usage: cli.py AWS
"""

import json
import subprocess
import sys


def aws(*arguments):
    command = [sys.argv[1], *arguments, "--output", "json"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode != 0:
        raise RuntimeError(run.stderr)
    return json.loads(run.stdout)


def call():
    arn = aws("sts", "get-caller-identity")["Arn"]
    buckets = [bucket["Name"] for bucket in aws("s3api", "list-buckets")["Buckets"]]
    return {"arn": arn, "buckets": buckets}


version = subprocess.run([sys.argv[1], "--version"], capture_output=True, text=True, check=True)
print(json.dumps({"version": version.stdout.split()[0].replace("aws-cli/", "AWS CLI ")}), flush=True)
for _ in sys.stdin:
    try:
        seen = call()
    except RuntimeError as error:
        seen = {"error": str(error)}
    print(json.dumps(seen), flush=True)
