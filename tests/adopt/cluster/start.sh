#!/bin/sh
# A control plane, as the init process of namespaces of its own: start.sh TOOLS.
# It ends with its stdin, and the kernel ends everything else with it.
set -eu
tools=$1 folder=/run/cluster

mount --make-rshared /
mount -t proc proc /proc
# What is written here is gone with the namespace.
mount -t tmpfs tmpfs /run
mkdir "$folder"
ip link set lo up
ip address add 169.254.170.23/32 dev lo
# The API server wants an address that is not the loopback interface's, and a route.
ip link add node type veth peer name outside
ip address add 10.1.0.1/24 dev node
ip link set node up
ip link set outside up
ip route add default via 10.1.0.2

openssl genrsa -out "$folder/service-accounts.key" 2048 2>"$folder/openssl.log"
cat >"$folder/tokens.csv" <<END
admin,admin,admin,system:masters
node,system:node:node,node,system:nodes
END

# Nothing here has to survive a power cut.
"$tools/etcd" --data-dir "$folder/etcd" --unsafe-no-fsync \
    --listen-client-urls http://127.0.0.1:2379 --advertise-client-urls http://127.0.0.1:2379 \
    --listen-peer-urls http://127.0.0.1:2380 --initial-advertise-peer-urls http://127.0.0.1:2380 \
    --initial-cluster default=http://127.0.0.1:2380 >"$folder/etcd.log" 2>&1 &
"$tools/kube-apiserver" --etcd-servers http://127.0.0.1:2379 \
    --advertise-address 10.1.0.1 --secure-port 6443 --cert-dir "$folder/certificates" \
    --authorization-mode Node,RBAC --token-auth-file "$folder/tokens.csv" \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$folder/service-accounts.key" \
    --service-account-signing-key-file "$folder/service-accounts.key" \
    --api-audiences https://kubernetes.default.svc,pods.eks.amazonaws.com \
    --service-cluster-ip-range 10.2.0.0/16 \
    --runtime-config admissionregistration.k8s.io/v1beta1=true >"$folder/kube-apiserver.log" 2>&1 &
cat >/dev/null
