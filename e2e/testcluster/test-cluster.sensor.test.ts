import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Attack } from '../scenarios/attack.ts';
import { waitFor } from './command.ts';
import { daemonNames, daemonPid, endProcesses } from './daemon.ts';
import { readSysctls, shimPids } from './kernel.ts';
import { clusterLayout } from './paths.ts';
import { TestCluster } from './test-cluster.ts';

const name = 'harness';
const layout = clusterLayout({ name });
const token = 'webhook-token';
const received: { readonly auditID: string; readonly authorization: string | undefined }[] = [];
let sink: Server;
let cluster: TestCluster;

beforeAll(async () => {
  sink = createServer((req, res) => {
    let text = '';
    req.on('data', (part: Buffer) => {
      text += part.toString('utf8');
    });
    req.on('end', () => {
      const { items } = JSON.parse(text) as { items: { auditID: string }[] };
      const { authorization } = req.headers;
      received.push(...items.map(({ auditID }) => ({ auditID, authorization })));
      res.end();
    });
  });
  await new Promise<void>((resolve) => {
    sink.listen(0, '127.0.0.1', resolve);
  });
  const address = sink.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  cluster = await TestCluster.up({
    name,
    auditWebhook: { url: `http://127.0.0.1:${address.port}/audit`, token },
  });
});

afterAll(async () => {
  await cluster?.down();
  sink.close();
});

test('posts to the webhook what it writes to the log, with the token', async () => {
  await new Attack(cluster, () => undefined).request('/api/v1/secrets', 'nobody');
  const denied = await waitFor(
    'the 401 in the log',
    async () =>
      readFileSync(layout.auditLogPath, 'utf8')
        .split('\n')
        .find((line) => line.includes('"code":401')),
    { timeoutMs: 10_000 },
  );
  const { auditID } = JSON.parse(denied) as { auditID: string };
  const item = await waitFor(
    'the 401 at the webhook',
    async () => received.find((one) => one.auditID === auditID),
    {
      timeoutMs: 10_000,
    },
  );
  expect(item.authorization).toBe(`Bearer ${token}`);
});

test('gives the product no Secrets and nothing to run', async () => {
  for (const account of ['server', 'agent'] as const) {
    const config = ['--kubeconfig', layout[`${account}Kubeconfig`]];
    const can = async (...what: string[]) =>
      (await cluster.kubectl([...config, 'auth', 'can-i', ...what])).stdout.trim();
    expect(await can('list', 'pods', '-A')).toBe('yes');
    expect(await can('get', 'secrets', '-A')).toBe('no');
    expect(await can('create', 'pods/exec', '-A')).toBe('no');
    expect(await can('delete', 'pods', '-A')).toBe('no');
    expect(await can('create', 'networkpolicies', '-A')).toBe(account === 'server' ? 'yes' : 'no');
  }
});

test('refuses a second one of the same name while it is in use', async () => {
  await expect(TestCluster.up({ name })).rejects.toThrow(/is in use/);
});

test('refuses a run directory that is somebody else’s', async () => {
  const runDir = mkdtempSync(join(tmpdir(), 'guard-'));
  writeFileSync(join(runDir, 'precious'), '');
  await expect(TestCluster.up({ name: 'guard', runDir })).rejects.toThrow(/not a test cluster's/);
  expect(readdirSync(runDir)).toEqual(['precious']);
  rmSync(runDir, { recursive: true });
});

test('leaves nothing behind, not even after its daemons were killed', async () => {
  const before = JSON.parse(readFileSync(layout.statePath, 'utf8')) as { sysctls: Record<string, string> };
  const pids = daemonNames(layout).flatMap((daemon) => daemonPid(layout, daemon) ?? []);
  await endProcesses(pids, 0);
  await cluster.down();
  expect(existsSync(layout.runDir)).toBe(false);
  for (const netns of [layout.nodeNetns, layout.worldNetns])
    expect(existsSync(`/run/netns/${netns}`)).toBe(false);
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(layout.runDir);
  expect(shimPids(layout)).toEqual([]);
  expect(readSysctls()).toEqual(before.sysctls);
});
