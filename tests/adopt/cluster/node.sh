#!/bin/sh
# A node, in the namespaces of start.sh: node.sh TOOLS.
set -eu
tools=$1 folder=/run/node
PATH=$tools:$PATH

mkdir -p "$folder/cni"
mount -t tmpfs tmpfs /var/log
# What the node of an earlier test left: its processes are gone.
find /sys/fs/cgroup -depth -type d -path '*/k8s.io/*' -exec rmdir {} + 2>/dev/null || true

cat >"$folder/containerd.toml" <<END
version = 3
root = "$folder/containerd"
state = "/run/containerd"
[plugins."io.containerd.cri.v1.images"]
  # The only one that can give a pod users of its own. Its folder is no overlay itself: it lies on a tmpfs.
  snapshotter = "overlayfs"
[plugins."io.containerd.cri.v1.images".pinned_images]
  sandbox = "registry.example/pause:1"
[plugins."io.containerd.cri.v1.runtime"]
  # Not root in the first namespace of users: no score may be lowered.
  restrict_oom_score_adj = true
  disable_apparmor = true
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
[plugins."io.containerd.cri.v1.runtime".containerd.runtimes.runc.options]
  SystemdCgroup = false
[plugins."io.containerd.cri.v1.runtime".cni]
  bin_dirs = ["/usr/lib/cni"]
  conf_dir = "$folder/cni"
END
cat >"$folder/cni/pods.conflist" <<END
{"cniVersion": "0.4.0", "name": "pods", "plugins": [{
  "type": "bridge", "bridge": "pods", "isGateway": true,
  "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.3.0.0/24"}]], "routes": [{"dst": "0.0.0.0/0"}],
    "dataDir": "$folder/addresses"}
}]}
END
cat >"$folder/kubelet.yaml" <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
authentication: {anonymous: {enabled: true}, webhook: {enabled: false}}
authorization: {mode: AlwaysAllow}
# Hybrid cgroups, and no systemd.
cgroupDriver: cgroupfs
cgroupsPerQOS: false
enforceNodeAllocatable: []
failCgroupV1: false
failSwapOn: false
localStorageCapacityIsolation: false
makeIPTablesUtilChains: false
maxOpenFiles: 20000
resolvConf: ""
# Never reached.
evictionHard: {memory.available: 1Mi, nodefs.available: "0%", imagefs.available: "0%", nodefs.inodesFree: "0%"}
imageGCHighThresholdPercent: 100
END
cat >"$folder/kubeconfig" <<END
apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:6443", insecure-skip-tls-verify: true}}]
users: [{name: u, user: {token: node}}]
contexts: [{name: x, context: {cluster: c, user: u}}]
current-context: x
END

containerd --config "$folder/containerd.toml" >"$folder/containerd.log" 2>&1 &
# The kubelet does not wait for it.
for _ in $(seq 300); do
    if ctr version >/dev/null 2>&1; then break; fi
    sleep 0.1
done
# A test ends it, to see what it does when it starts.
while true; do
    kubelet --config "$folder/kubelet.yaml" --kubeconfig "$folder/kubeconfig" \
        --root-dir "$folder/kubelet" --hostname-override node --node-ip 10.1.0.1 >>"$folder/kubelet.log" 2>&1 &
    echo $! >"$folder/kubelet.pid"
    wait $! || sleep 0.5
done
