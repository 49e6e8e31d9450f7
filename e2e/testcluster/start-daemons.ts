import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { startDaemon } from './daemon.ts';
import { inNetns } from './kernel.ts';
import { type ClusterLayout, NODE_IP, POD_CIDR, SERVICE_CIDR, WORLD_IP } from './paths.ts';

export type Programs = { readonly kube: string; readonly netkit: string };

/** Loopback ports inside the node's namespace. */
export const API_PORT_INSIDE = 6_443;
export const WEBHOOK_PORT_INSIDE = 9_099;

const ETCD = 'http://127.0.0.1:2379';
const ETCD_PEER = 'http://127.0.0.1:2380';
const AUDIT_POLICY = join(import.meta.dirname, '../../deploy/audit-policy.yaml');
/** Where the host outside the cluster answers: web, a mining pool, a reverse shell's usual port. */
const WORLD_PORTS = [80, 443, 3_333, 4_444];

/** etcd, the API server, containerd, the host outside and the forwarders: what can start at once. */
export function startFoundation(
  layout: ClusterLayout,
  programs: Programs,
  ports: { readonly api: number; readonly webhook: number | undefined },
): void {
  const node = (name: string, argv: readonly string[]) =>
    startDaemon(layout, name, inNetns(layout.nodeNetns, argv));
  node('etcd', [
    ...[
      programs.kube,
      'etcd',
      '--data-dir',
      `${layout.runDir}/etcd`,
      '--unsafe-no-fsync',
      '--log-level',
      'warn',
    ],
    ...['--listen-client-urls', ETCD, '--advertise-client-urls', ETCD, '--listen-peer-urls', ETCD_PEER],
    ...['--initial-advertise-peer-urls', ETCD_PEER, '--initial-cluster', `default=${ETCD_PEER}`],
  ]);
  node(
    'apiserver',
    asProgram(layout, programs.kube, [
      'kube-apiserver',
      ...apiServerFlags(layout, ports.webhook !== undefined),
    ]),
  );
  node('containerd', ['containerd', '-c', `${layout.confDir}/containerd.toml`]);
  // Two hops over a unix socket, which processes of both network namespaces reach.
  const forward = (from: string, to: string, ...keys: string[]): [string, ...string[]] => [
    programs.netkit,
    'forward',
    from,
    to,
    ...keys,
  ];
  const apiSocket = `${layout.runDir}/api.sock`;
  node('api-inner', forward(apiSocket, `127.0.0.1:${API_PORT_INSIDE}`));
  startDaemon(layout, 'api-outer', forward(`127.0.0.1:${ports.api}`, apiSocket));
  if (ports.webhook !== undefined) {
    const socket = `${layout.runDir}/webhook.sock`;
    // The API server sends its token over TLS only: this hop ends TLS as a proxy does in a real installation.
    const keys = ['crt', 'key'].map((suffix) => `${layout.pkiDir}/webhook.${suffix}`);
    node('webhook-inner', forward(`127.0.0.1:${WEBHOOK_PORT_INSIDE}`, socket, ...keys));
    startDaemon(layout, 'webhook-outer', forward(socket, `127.0.0.1:${ports.webhook}`));
  }
  const answers = WORLD_PORTS.map((port) => `${WORLD_IP}:${port}`);
  startDaemon(layout, 'world', inNetns(layout.worldNetns, [programs.netkit, 'serve', ...answers]));
}

/** The controllers, the kubelet and the policy engine; they need an API server that is ready. */
export function startControllers(layout: ClusterLayout, programs: Programs): void {
  const { confDir, pkiDir, runDir } = layout;
  const node = (name: string, argv: readonly string[]) =>
    startDaemon(layout, name, inNetns(layout.nodeNetns, asProgram(layout, programs.kube, argv)));
  const as = (name: string) =>
    ['--kubeconfig', '--authentication-kubeconfig', '--authorization-kubeconfig'].flatMap((flag) => [
      flag,
      `${confDir}/${name}.kubeconfig`,
    ]);
  node('kcm', [
    ...[
      'kube-controller-manager',
      ...as('kcm'),
      '--leader-elect=false',
      '--bind-address',
      '127.0.0.1',
      '-v',
      '1',
    ],
    ...['--service-account-private-key-file', `${pkiDir}/sa.key`, '--root-ca-file', `${pkiDir}/ca.crt`],
    ...['--cluster-cidr', POD_CIDR, '--allocate-node-cidrs=false'],
    '--controllers=*,-horizontal-pod-autoscaler-controller',
  ]);
  node('scheduler', [
    ...[
      'kube-scheduler',
      ...as('scheduler'),
      '--leader-elect=false',
      '--bind-address',
      '127.0.0.1',
      '-v',
      '1',
    ],
  ]);
  node('kubelet', [
    ...['kubelet', '--config', `${confDir}/kubelet.yaml`, '--kubeconfig', `${confDir}/node.kubeconfig`],
    ...['--hostname-override', layout.nodeName, '--node-ip', NODE_IP],
    ...['--root-dir', `${runDir}/kubelet`, '--cert-dir', `${runDir}/kubelet-pki`, '-v', '1'],
  ]);
  node('kube-proxy', ['kube-proxy', '--config', `${confDir}/kube-proxy.yaml`, '-v', '1']);
  node('netpol', ['netpol', `${confDir}/kcm.kubeconfig`]);
}

/** One binary plays every part; started under the part's own name it looks to rules as on a real node. */
function asProgram(layout: ClusterLayout, kube: string, [part = '', ...args]: readonly string[]): string[] {
  const path = join(layout.runDir, 'bin', part);
  mkdirSync(join(layout.runDir, 'bin'), { recursive: true });
  if (!existsSync(path)) symlinkSync(kube, path);
  return [path, part, ...args];
}

function apiServerFlags(layout: ClusterLayout, webhook: boolean): string[] {
  const { pkiDir: pki, confDir } = layout;
  const webhookFlags = [
    ...['--audit-webhook-config-file', `${confDir}/webhook.kubeconfig`, '--audit-webhook-mode', 'batch'],
    ...['--audit-webhook-batch-max-wait', '1s', '--audit-webhook-batch-max-size', '100'],
    ...['--audit-webhook-initial-backoff', '1s'],
  ];
  return [
    ...['--etcd-servers', ETCD, '--bind-address', '0.0.0.0', '--secure-port', String(API_PORT_INSIDE)],
    ...['--advertise-address', NODE_IP, '--service-cluster-ip-range', SERVICE_CIDR],
    ...['--tls-cert-file', `${pki}/apiserver.crt`, '--tls-private-key-file', `${pki}/apiserver.key`],
    ...['--client-ca-file', `${pki}/ca.crt`, '--service-account-issuer', 'https://kubernetes.default.svc'],
    ...['--service-account-key-file', `${pki}/sa.pub`, '--service-account-signing-key-file', `${pki}/sa.key`],
    ...['--authorization-mode', 'Node,RBAC', '--enable-admission-plugins', 'NodeRestriction'],
    ...['--token-auth-file', `${confDir}/tokens.csv`],
    ...[
      '--kubelet-certificate-authority',
      `${pki}/ca.crt`,
      '--kubelet-preferred-address-types',
      'InternalIP',
    ],
    ...['--kubelet-client-certificate', `${pki}/kubelet-client.crt`],
    ...['--kubelet-client-key', `${pki}/kubelet-client.key`],
    // Without it a privileged pod fails validation (422) before Pod Security Admission speaks.
    '--allow-privileged=true',
    ...['--audit-policy-file', AUDIT_POLICY, '--audit-log-path', layout.auditLogPath],
    ...['--audit-log-maxsize', '10', '--audit-log-maxbackup', '3', '--profiling=false', '-v', '1'],
    ...(webhook ? webhookFlags : []),
  ];
}
