import { WORLD_IP } from '../testcluster/paths.ts';
import type { Scenario } from './scenario.ts';

const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const API = 'https://$KUBERNETES_SERVICE_HOST';
const CALL = `curl -sk -H "Authorization: Bearer $(cat ${TOKEN})"`;

/** Attacks that happen inside a container: the kernel sees them. */
export const IN_POD_SCENARIOS: Readonly<Record<string, Scenario>> = {
  'exec-shell': {
    help: 'open a shell in a pod with kubectl exec and read /etc/shadow',
    expect: [
      'alert: a terminal shell in container shop/checkout-api-…, process sh, parent of cat and id',
      'alert: sensitive file read, cat opened /etc/shadow',
      'audit: alice, pods/exec (KPI "exec sessions")',
      'an incident on the workload checkout-api',
    ],
    run: async (attack) => {
      const pod = await attack.pod('checkout-api');
      await attack.shell(pod, ['id', 'cat /etc/shadow']);
    },
  },
  outbound: {
    help: 'connect from a pod to a host outside the cluster',
    expect: [
      `connection ${WORLD_IP}:4444 from shop/checkout-api-…, process netkit`,
      'alert: unexpected outbound connection',
    ],
    run: async (attack) => {
      const pod = await attack.pod('checkout-api');
      await attack.exec(pod, ['netkit', 'dial', `${WORLD_IP}:4444`]);
    },
  },
  miner: {
    help: 'drop a renamed program into /tmp and connect it to a mining pool port',
    expect: [
      'alert: a program that is not part of the image was executed (/tmp/xmrig)',
      `alert: crypto-mining, process xmrig connected to ${WORLD_IP}:3333`,
    ],
    run: async (attack) => {
      const pod = await attack.pod('checkout-api');
      await attack.exec(pod, ['cp', '/usr/bin/netkit', '/tmp/xmrig']);
      await attack.exec(pod, ['/tmp/xmrig', 'dial', `${WORLD_IP}:3333`]);
      await attack.exec(pod, ['rm', '/tmp/xmrig']);
    },
  },
  'token-theft': {
    help: "read the pod's service account token and call the API server with it",
    expect: [
      'alert: the API server contacted from a container, process curl',
      'audit: system:serviceaccount:shop:checkout listed pods (200) and was refused secrets (403, KPI "RBAC denials")',
    ],
    run: async (attack) => {
      const pod = await attack.pod('checkout-api');
      await attack.exec(pod, ['cat', TOKEN]);
      for (const path of ['api/v1/namespaces/shop/pods?limit=1', 'api/v1/namespaces/shop/secrets'])
        await attack.exec(pod, ['sh', '-c', `${CALL} ${API}/${path} | head -c 300`]);
    },
  },
  drift: {
    help: 'copy a program to /tmp and run it from there',
    expect: ['alert: a program that is not part of the image was executed (/tmp/.cache-helper)'],
    run: async (attack) => {
      const pod = await attack.pod('checkout-api');
      await attack.exec(pod, ['cp', '/bin/cat', '/tmp/.cache-helper']);
      await attack.exec(pod, ['/tmp/.cache-helper', '/etc/hostname']);
      await attack.exec(pod, ['rm', '/tmp/.cache-helper']);
    },
  },
  'log-deletion': {
    help: 'empty and delete logs in a pod, then delete Kubernetes events',
    expect: [
      'alert: log activity cleared (/var/log/app.log)',
      'audit: events deleted in shop (KPI "deletes")',
    ],
    run: async (attack) => {
      const pod = await attack.pod('checkout-api');
      await attack.exec(pod, [
        'sh',
        '-c',
        'echo started >> /var/log/app.log; : > /var/log/app.log; rm /var/log/app.log',
      ]);
      await attack.kubectl(['-n', 'shop', 'delete', 'events', '--all']);
    },
  },
  hostile: {
    help: 'run commands whose names and arguments try to break what shows them',
    expect: [
      'every string is shown as text: no script runs, no terminal colour, no formula, no reversed text',
    ],
    run: async (attack) => {
      const pod = await attack.pod('checkout-api');
      for (const text of HOSTILE_STRINGS) await attack.exec(pod, ['cat', '/etc/shadow', text]);
    },
  },
};

/** Each would do harm to one kind of reader: browser, terminal, spreadsheet, human eye, shell, SQL, template. */
export const HOSTILE_STRINGS = [
  '<script>window.eyriePwned=1</script>',
  '"><img src=x onerror="window.eyriePwned=1">',
  '\u001b[31mred\u001b[0m\u001b]0;title\u0007',
  "=cmd|' /C calc'!A0",
  'safe\u202Egnp.exe',
  '$(touch /tmp/eyrie-pwned)`id`',
  "'; DROP TABLE event; --",
  '{{constructor.constructor("window.eyriePwned=1")()}}',
] as const;
