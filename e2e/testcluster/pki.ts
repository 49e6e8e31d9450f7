import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must } from './command.ts';
import { type ClusterLayout, KUBERNETES_SERVICE_IP, NODE_IP } from './paths.ts';

const DAYS = '30';
const NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
const CERTIFICATES = [
  {
    file: 'apiserver',
    subject: '/CN=kube-apiserver',
    altNames: [
      ...NAMES.map((name) => `DNS:${name}`),
      'IP:127.0.0.1',
      `IP:${NODE_IP}`,
      `IP:${KUBERNETES_SERVICE_IP}`,
    ],
  },
  { file: 'kubelet-client', subject: '/O=kubeadm:none/CN=kube-apiserver-kubelet-client' },
  { file: 'admin', subject: '/O=system:masters/CN=kubernetes-admin' },
  // system:masters: without --use-service-account-credentials the controllers act under this one name.
  { file: 'kcm', subject: '/O=system:masters/CN=system:kube-controller-manager' },
  { file: 'scheduler', subject: '/CN=system:kube-scheduler' },
  { file: 'proxy', subject: '/CN=system:kube-proxy' },
  {
    file: 'node',
    subject: '/O=system:nodes/CN=system:node:node1',
    altNames: ['DNS:node1', `IP:${NODE_IP}`, 'IP:127.0.0.1'],
  },
  { file: 'webhook', subject: '/CN=audit-webhook', altNames: ['IP:127.0.0.1'] },
] as const;

/** Makes a throw-away certificate authority and every certificate of the cluster (EC P-256, 30 days). */
export async function createPki(layout: ClusterLayout): Promise<void> {
  mkdirSync(layout.pkiDir, { recursive: true, mode: 0o700 });
  const openssl = (...args: string[]) => must('openssl', args, { cwd: layout.pkiDir });
  const key = (name: string) =>
    openssl('genpkey', '-algorithm', 'EC', '-pkeyopt', 'ec_paramgen_curve:P-256', '-out', `${name}.key`);
  await Promise.all(['ca', 'sa', ...CERTIFICATES.map(({ file }) => file)].map(key));
  await openssl(
    'req',
    '-x509',
    '-new',
    '-key',
    'ca.key',
    '-days',
    DAYS,
    '-subj',
    '/CN=testcluster-ca',
    '-out',
    'ca.crt',
  );
  await openssl('pkey', '-in', 'sa.key', '-pubout', '-out', 'sa.pub');
  await Promise.all(
    CERTIFICATES.map(async (certificate, index) => {
      const { file, subject } = certificate;
      const altNames = 'altNames' in certificate ? [`subjectAltName=${certificate.altNames.join(',')}`] : [];
      const extensions = [
        'basicConstraints=CA:FALSE',
        'keyUsage=digitalSignature',
        'extendedKeyUsage=clientAuth,serverAuth',
      ];
      writeFileSync(join(layout.pkiDir, `${file}.ext`), `${[...extensions, ...altNames].join('\n')}\n`);
      await openssl('req', '-new', '-key', `${file}.key`, '-subj', subject, '-out', `${file}.csr`);
      const sign = ['x509', '-req', '-in', `${file}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-days', DAYS];
      await openssl(
        ...sign,
        '-set_serial',
        String(index + 1),
        '-extfile',
        `${file}.ext`,
        '-out',
        `${file}.crt`,
      );
      for (const suffix of ['csr', 'ext']) rmSync(join(layout.pkiDir, `${file}.${suffix}`));
    }),
  );
}

export type KubeconfigUser =
  | { readonly certificate: (typeof CERTIFICATES)[number]['file'] }
  | { readonly token: string };

/** A kubeconfig. The CA is inline, because the product's users may not read the keys' directory. */
export function kubeconfig(layout: ClusterLayout, server: string, user: KubeconfigUser): string {
  const credentials =
    'token' in user
      ? { token: user.token }
      : {
          'client-certificate': join(layout.pkiDir, `${user.certificate}.crt`),
          'client-key': join(layout.pkiDir, `${user.certificate}.key`),
        };
  const authority = readFileSync(join(layout.pkiDir, 'ca.crt')).toString('base64');
  // JSON is YAML; the file is made by a serialiser and not by string pasting.
  return JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'testcluster', cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name: 'user', user: credentials }],
      contexts: [{ name: 'testcluster', context: { cluster: 'testcluster', user: 'user' } }],
      'current-context': 'testcluster',
    },
    null,
    2,
  );
}
