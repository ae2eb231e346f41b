"""Prints the YAML document of stdin as JSON."""

import json
import sys

import yaml

json.dump(yaml.safe_load(sys.stdin.read()), sys.stdout)
