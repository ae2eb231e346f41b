#!/bin/sh
# A machine for a container engine, as the init process of namespaces of its own. It ends with its stdin, and the
# kernel ends everything else with it.
set -eu
mount -t proc proc /proc
# Images and containers are kept here, and are gone with the namespace.
mount -t tmpfs tmpfs /run
ip link set lo up
ip address add 169.254.170.23/32 dev lo
: >/run/ready
cat >/dev/null
