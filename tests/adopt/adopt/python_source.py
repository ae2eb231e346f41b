"""Fails when stdin is not Python."""

import sys

compile(sys.stdin.read(), "block", "exec")
