"""Reads an aws-config from stdin as botocore does, and fails when an SDK could not use it."""

import sys
import tempfile

from botocore.configloader import load_config

with tempfile.NamedTemporaryFile("w", suffix=".ini") as file:
    file.write(sys.stdin.read())
    file.flush()
    profiles = load_config(file.name)["profiles"]
if not profiles:
    sys.exit("it holds no profile")
for name, profile in profiles.items():
    # The Go SDK refuses both in one profile.
    if "source_profile" in profile and "credential_process" in profile:
        sys.exit(f"{name} has both source_profile and credential_process")
    if "role_arn" in profile and "source_profile" not in profile and "credential_source" not in profile:
        sys.exit(f"{name} has a role, and nothing to assume it with")
    source = profile.get("source_profile")
    if source is not None and source not in profiles:
        sys.exit(f"{name} has the source profile {source}, which is not there")
