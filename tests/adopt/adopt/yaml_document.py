"""Fails when stdin is not YAML, or says nothing."""

import sys

import yaml

if not any(yaml.safe_load_all(sys.stdin.read())):
    sys.exit("it says nothing")
