import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAUSE_IMAGE } from './image.ts';
import { type ClusterLayout, POD_CIDR } from './paths.ts';

/** Writes the configuration files of containerd, CNI, kubelet and kube-proxy below conf/. */
export function writeNodeConfig(layout: ClusterLayout): void {
  mkdirSync(join(layout.confDir, 'cni'), { recursive: true });
  const write = (name: string, content: string | object) =>
    writeFileSync(
      join(layout.confDir, name),
      typeof content === 'string' ? content : JSON.stringify(content, null, 2),
    );
  write('containerd.toml', containerdToml(layout));
  write('cni/10-pods.conflist', cniConfig(layout));
  write('kubelet.yaml', kubeletConfig(layout));
  write('kube-proxy.yaml', kubeProxyConfig(layout));
  write('resolv.conf', 'nameserver 10.96.0.10\n');
}

function containerdToml(layout: ClusterLayout): string {
  const { runDir, confDir, containerdSocket } = layout;
  return `version = 2
root = "${runDir}/containerd"
state = "${runDir}/containerd-state"
disabled_plugins = ["io.containerd.snapshotter.v1.btrfs", "io.containerd.snapshotter.v1.zfs", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.devmapper"]
[grpc]
  address = "${containerdSocket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${PAUSE_IMAGE}"
  disable_apparmor = true
  # Lowering oom_score_adj takes CAP_SYS_RESOURCE, which not every root has.
  restrict_oom_score_adj = true
  # Pod namespaces under our own directory, not in /run/netns, which belongs to everybody.
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${confDir}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        SystemdCgroup = false
`;
}

function cniConfig(layout: ClusterLayout): object {
  const ipam = {
    type: 'host-local',
    dataDir: `${layout.runDir}/ipam`,
    ranges: [[{ subnet: POD_CIDR }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return {
    cniVersion: '0.4.0',
    name: 'pods',
    plugins: [
      { type: 'bridge', bridge: 'cni0', isGateway: true, ipMasq: false, hairpinMode: true, ipam },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  };
}

function kubeletConfig(layout: ClusterLayout): object {
  const { pkiDir } = layout;
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    authentication: {
      anonymous: { enabled: false },
      webhook: { enabled: true },
      x509: { clientCAFile: `${pkiDir}/ca.crt` },
    },
    authorization: { mode: 'Webhook' },
    tlsCertFile: `${pkiDir}/node.crt`,
    tlsPrivateKeyFile: `${pkiDir}/node.key`,
    containerRuntimeEndpoint: `unix://${layout.containerdSocket}`,
    cgroupDriver: 'cgroupfs',
    failCgroupV1: false,
    failSwapOn: false,
    cgroupRoot: `/${layout.cgroup}`,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: ['pods'],
    clusterDomain: 'cluster.local',
    clusterDNS: ['10.96.0.10'],
    resolvConf: `${layout.confDir}/resolv.conf`,
    // A developer's disk is often nearly full; eviction would end the test's pods.
    evictionHard: {
      'memory.available': '50Mi',
      'nodefs.available': '0%',
      'imagefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    makeIPTablesUtilChains: false,
    registerNode: true,
    nodeStatusUpdateFrequency: '2s',
    syncFrequency: '10s',
  };
}

function kubeProxyConfig(layout: ClusterLayout): object {
  return {
    apiVersion: 'kubeproxy.config.k8s.io/v1alpha1',
    kind: 'KubeProxyConfiguration',
    mode: 'nftables',
    clientConnection: { kubeconfig: `${layout.confDir}/proxy.kubeconfig` },
    clusterCIDR: POD_CIDR,
    hostnameOverride: layout.nodeName,
    // Conntrack limits are the whole machine's: leave them alone.
    conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: '0s', tcpCloseWaitTimeout: '0s' },
    healthzBindAddress: '127.0.0.1:10256',
    metricsBindAddress: '127.0.0.1:10249',
  };
}
