import type { Attack } from './attack.ts';
import type { Scenario } from './scenario.ts';

const BAD_TOKENS = 5;

/** Attacks on the API server: its audit log tells them. */
export const ON_API_SCENARIOS: Readonly<Record<string, Scenario>> = {
  rbac: {
    help: 'mallory tries to list what she may not, in many namespaces',
    expect: ['audit: 9 refusals of mallory (403, authorization forbid; KPI "RBAC denials", "probing")'],
    run: async (attack) => {
      for (const namespace of ['shop', 'payments', 'kube-system'])
        for (const resource of ['secrets', 'pods', 'configmaps'])
          await attack.kubectl(['-n', namespace, 'get', resource], { as: 'mallory' });
    },
  },
  auth: {
    help: 'use tokens that the API server does not know',
    expect: [`audit: ${BAD_TOKENS} requests without a user, answered 401 (KPI "auth failures")`],
    run: async (attack) => {
      for (let n = 1; n <= BAD_TOKENS; n++)
        await attack.request('/api/v1/namespaces/kube-system/secrets', `not-a-token-${n}`);
    },
  },
  psa: {
    help: 'create a privileged pod where Pod Security forbids it, and where it only warns',
    expect: [
      'audit: pod refused in namespace locked (403, KPI "PSA violations", enforce)',
      'audit: pod created in namespace watched with an audit-violations annotation, then deleted',
    ],
    run: async (attack) => {
      for (const namespace of ['locked', 'watched'])
        await attack.kubectl(['apply', '-f', '-'], { input: privilegedPod(namespace) });
      await attack.kubectl(['-n', 'watched', 'delete', 'pod', 'breakout', '--now']);
    },
  },
  secrets: {
    help: 'alice lists and reads the Secrets of her namespace',
    expect: ['audit: alice, list and get secrets in shop (KPI "secret reads")'],
    run: async (attack) => {
      await attack.kubectl(['-n', 'shop', 'get', 'secrets'], { as: 'alice' });
      await attack.kubectl(['-n', 'shop', 'get', 'secret', 'db', '-o', 'name'], { as: 'alice' });
    },
  },
  'cluster-admin': {
    help: 'alice, who may bind roles, makes mallory an administrator, who reads every Secret',
    expect: [
      'audit: alice created ClusterRoleBinding helpdesk to cluster-admin (KPI "RBAC changes")',
      'audit: mallory listed the Secrets of every namespace (200)',
    ],
    run: async (attack) => {
      const bind = [
        'create',
        'clusterrolebinding',
        'helpdesk',
        '--clusterrole=cluster-admin',
        '--user=mallory',
      ];
      await attack.kubectl(bind, { as: 'alice' });
      try {
        await untilAllowed(attack);
      } finally {
        await attack.kubectl(['delete', 'clusterrolebinding', 'helpdesk']);
      }
    },
  },
};

/** The authoriser learns of a new binding from its own watch, a few milliseconds after the write. */
async function untilAllowed(attack: Attack): Promise<void> {
  for (let tries = 0; tries < 5; tries++) {
    const { code } = await attack.kubectl(['get', 'secrets', '-A', '-o', 'name'], { as: 'mallory' });
    if (code === 0) return;
  }
  throw new Error('the binding to cluster-admin had no effect');
}

function privilegedPod(namespace: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'breakout', namespace },
    spec: {
      hostPID: true,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'root',
          image: 'testcluster.local/shop/checkout:1.4.2',
          imagePullPolicy: 'Never',
          args: ['serve', ':8080'],
          securityContext: { privileged: true },
        },
      ],
    },
  });
}
