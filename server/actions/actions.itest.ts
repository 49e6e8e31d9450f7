import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { KubeConfig } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ActionRow, ActionTarget } from '../../core/wire/actions.ts';
import { verifyAuditTrail } from '../audit-trail/verify.ts';
import { getCluster } from '../cluster/cluster.ts';
import { clusterStatus } from '../cluster/cluster-status.ts';
import { KubeApi } from '../cluster/kube-api.ts';
import { anyObjectSchema, nodeSchema, type Pod, podSchema } from '../cluster/kube-object.ts';
import { listNodes } from '../cluster/list-nodes.ts';
import { podState } from '../cluster/pod-state.ts';
import type { Actor, Ctx } from '../context.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { executeAction } from './execute.ts';
import { getAction, listActions } from './list-actions.ts';
import { previewAction } from './preview.ts';
import { QUARANTINE_LABEL } from './quarantine-labels.ts';
import { recoverActions } from './recover.ts';
import { undoAction } from './undo.ts';

/** The server's identity; the administrator's kubeconfig lies beside it, as `./eyrie cluster up` writes them. */
const kubeconfig = process.env.EYRIE_TEST_KUBECONFIG;
if (kubeconfig === undefined) {
  console.warn('SKIPPED: actions against a real Kubernetes. Set EYRIE_TEST_KUBECONFIG to run them.');
}

const RESPONDER = { kind: 'user', id: 'user-2', name: 'Rosa', role: 'responder' } as const;
const IMAGE = 'testcluster.local/shop/checkout:1.4.2';
const namespace = `actions-${randomUUID().slice(0, 8)}`;
const node: ActionTarget = { kind: 'node', name: 'node1' };
const options = { allowDns: false };

let test: TestDatabase;
let admin: KubeApi;
let config: Ctx['config'];

const as = (actor: Actor): Ctx => ({ ...testContext(test, { actor }), config });
const responder = () => as(RESPONDER);
const lastAudit = () => test.db.auditTrail.findFirst({ orderBy: { id: 'desc' } });
const podsPath = () => `/api/v1/namespaces/${namespace}/pods`;
const readPod = (name: string) => admin.find(podSchema, `${podsPath()}/${name}`);
const readNode = () => admin.get(nodeSchema, '/api/v1/nodes/node1');

async function preview(action: ActionRow['action'], target: ActionTarget) {
  return await previewAction({ ctx: responder(), input: { action, target, options } });
}

async function execute(
  action: ActionRow['action'],
  target: ActionTarget,
  token?: string,
): Promise<ActionRow> {
  const shown = token ?? (await preview(action, target)).token;
  const input = { action, target, token: shown, reason: 'test', options, idempotencyKey: randomUUID() };
  return await executeAction({ ctx: responder(), input });
}

/** Waits for a state of the cluster; the test's own time limit ends it. */
async function until<T>(read: () => Promise<T | undefined | false>): Promise<T> {
  for (;;) {
    const found = await read();
    if (found !== undefined && found !== false) return found;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function readyPods(app: string): Promise<readonly Pod[]> {
  const { items } = await admin.list(podSchema, podsPath(), {
    max: 100,
    query: { labelSelector: `app=${app}` },
  });
  return items.filter((pod) =>
    pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
  );
}

/** How the caller's last try went; undefined when its log cannot be read now. */
async function lastCall(pod: string): Promise<'ok' | 'failed' | undefined> {
  const reply = await admin.call('GET', `${podsPath()}/${pod}/log`, { query: { tailLines: 1 }, as: 'text' });
  const word = /^\S+Z (ok|failed) \d+/.exec(String(reply))?.[1];
  return word === 'ok' || word === 'failed' ? word : undefined;
}

async function create(path: string, body: object): Promise<void> {
  await admin.call('POST', path, { body });
}

const patchLabels = (name: string, labels: Record<string, string | null>) =>
  admin.call('PATCH', `${podsPath()}/${name}`, {
    body: { metadata: { labels } },
    contentType: 'application/merge-patch+json',
  });

describe.skipIf(kubeconfig === undefined)('actions against a real Kubernetes', () => {
  beforeAll(async () => {
    test = await testDatabase();
    config = testContext(test, { config: { kubeconfig } }).config;
    const kube = new KubeConfig();
    kube.loadFromFile(join(dirname(kubeconfig ?? ''), 'admin.kubeconfig'));
    admin = new KubeApi(kube);
    const labels = { app: 'api' };
    const metadata = { namespace, name: 'api' };
    await create('/api/v1/namespaces', { metadata: { name: namespace } });
    await until(() => admin.find(anyObjectSchema, `/api/v1/namespaces/${namespace}/serviceaccounts/default`));
    await create(`/api/v1/namespaces/${namespace}/services`, {
      metadata,
      spec: { selector: labels, ports: [{ port: 8080 }] },
    });
    await create(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets`, {
      metadata,
      spec: { minAvailable: 2, selector: { matchLabels: labels } },
    });
    await create(`/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`, {
      metadata: { namespace, name: 'allow-api' },
      spec: {
        podSelector: { matchLabels: labels },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{}],
        egress: [{}],
      },
    });
    const container = (args: string[], ports: object[] = []) => ({
      terminationGracePeriodSeconds: 1,
      containers: [{ name: 'main', image: IMAGE, imagePullPolicy: 'Never', args, ports }],
    });
    await create(`/apis/apps/v1/namespaces/${namespace}/deployments`, {
      metadata,
      spec: {
        replicas: 2,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels: { ...labels, team: 'tests' } },
          spec: {
            ...container(['serve', ':8080'], [{ containerPort: 8080 }]),
            volumes: [{ name: 'scratch', emptyDir: {} }],
          },
        },
      },
    });
    const [first] = await until(async () => {
      const pods = await readyPods('api');
      return pods.length === 2 && pods;
    });
    await create(podsPath(), {
      metadata: { namespace, name: 'caller', labels: { app: 'caller' } },
      spec: container(['call', '1s', `${first?.status.podIP}:8080`]),
    });
    await until(async () => (await readyPods('caller')).length === 1 && (await lastCall('caller')) === 'ok');
  });

  afterAll(async () => {
    await admin?.call('DELETE', `/api/v1/namespaces/${namespace}`).catch(() => undefined);
    await admin
      ?.call('PATCH', '/api/v1/nodes/node1', {
        body: { spec: { unschedulable: null } },
        contentType: 'application/merge-patch+json',
      })
      .catch(() => undefined);
    if (config !== undefined) await getCluster(responder()).stop();
    await test?.drop();
  });

  describe('the cluster', () => {
    it('is reachable, and its nodes and pods come from the cache', async () => {
      expect(await clusterStatus({ ctx: as(VIEWER_ACTOR) })).toMatchObject({
        configured: true,
        reachable: true,
        error: null,
      });
      const { nodes } = await listNodes({ ctx: as(VIEWER_ACTOR) });
      expect(nodes).toMatchObject([{ name: 'node1', ready: true, unschedulable: false, agentState: 'none' }]);
      const pod = await podState({ ctx: as(VIEWER_ACTOR), input: { namespace, name: 'caller' } });
      expect(pod).toMatchObject({ exists: true, phase: 'Running', node: 'node1', quarantine: null });
      const gone = await podState({ ctx: as(VIEWER_ACTOR), input: { namespace, name: 'nobody' } });
      expect(gone.exists).toBe(false);
    });

    it('without a kubeconfig explains how to configure one', async () => {
      const ctx = testContext(test, { actor: VIEWER_ACTOR });
      expect(await clusterStatus({ ctx })).toMatchObject({
        configured: false,
        help: expect.stringContaining('--kubeconfig'),
      });
      await expect(
        previewAction({
          ctx: testContext(test, { actor: RESPONDER }),
          input: { action: 'cordon', target: node, options },
        }),
      ).rejects.toMatchObject({ code: 'unavailable', reason: 'cluster_not_configured' });
    });
  });

  describe('cordon', () => {
    it('rejects a viewer in preview, execute and undo', async () => {
      const ctx = as(VIEWER_ACTOR);
      const input = { action: 'cordon', target: node, options } as const;
      await expect(previewAction({ ctx, input })).rejects.toMatchObject({ code: 'forbidden' });
      const confirm = { ...input, token: 'x', reason: '', idempotencyKey: randomUUID() };
      await expect(executeAction({ ctx, input: confirm })).rejects.toMatchObject({ code: 'forbidden' });
      await expect(undoAction({ ctx, input: { id: randomUUID() } })).rejects.toMatchObject({
        code: 'forbidden',
      });
      expect(await test.db.action.count()).toBe(0);
    });

    it('shows the dry run, the permission and the blast radius, and changes nothing', async () => {
      const shown = await preview('cordon', node);
      expect(shown.allowed).toBe(true);
      expect(shown.checks.map(({ by, state }) => [by, state])).toEqual(
        expect.arrayContaining([
          ['SelfSubjectAccessReview', 'pass'],
          ['dry run', 'pass'],
        ]),
      );
      expect(shown.warnings.join()).toContain('last node that takes pods');
      expect(shown.objects[0]?.diff.filter(({ sign }) => sign !== ' ')).toEqual([
        { sign: '-', text: '  unschedulable: false', line: expect.any(Number) },
        { sign: '+', text: '  unschedulable: true', line: expect.any(Number) },
      ]);
      expect((await readNode()).spec.unschedulable).toBe(false);
    });

    it('acts once for one key, is seen on the node, recorded, and undone by a new action', async () => {
      const { token } = await preview('cordon', node);
      const input = {
        action: 'cordon',
        target: node,
        token,
        reason: 'miner',
        options,
        idempotencyKey: randomUUID(),
      } as const;
      const [row, again] = await Promise.all([
        executeAction({ ctx: responder(), input }),
        executeAction({ ctx: responder(), input }),
      ]);
      expect(again.id).toBe(row.id);
      expect((await getAction({ ctx: responder(), input: row })).status).toBe('verified');
      expect((await readNode()).spec.unschedulable).toBe(true);
      expect(await lastAudit()).toMatchObject({
        verb: 'action.cordon.applied',
        target: `action:${row.id}`,
        actor: 'Rosa',
      });
      await expect(execute('cordon', node)).rejects.toMatchObject({ reason: 'not_allowed' });
      const nodes = await until(async () => {
        const list = await listNodes({ ctx: responder() });
        return list.nodes[0]?.unschedulable && list.nodes;
      });
      expect(nodes[0]?.cordonActionId).toBe(row.id);

      const undo = await undoAction({ ctx: responder(), input: { id: row.id } });
      expect(undo).toMatchObject({ action: 'uncordon', status: 'verified', undoOf: row.id });
      expect((await readNode()).spec.unschedulable).toBe(false);
      expect(await getAction({ ctx: responder(), input: row })).toMatchObject({
        status: 'undone',
        undoable: false,
      });
      await expect(undoAction({ ctx: responder(), input: row })).rejects.toMatchObject({
        reason: 'not_undoable',
      });
    });

    it('goes through while others write to the status of the node', async () => {
      const kubelet = async () => {
        for (let n = 0; n < 60; n += 1) {
          await admin.call('PATCH', '/api/v1/nodes/node1/status', {
            body: { status: { conditions: [{ type: 'Busy', status: 'True', message: String(n) }] } },
            contentType: 'application/strategic-merge-patch+json',
          });
        }
      };
      const [row] = await Promise.all([execute('cordon', node), kubelet()]);
      expect((await getAction({ ctx: responder(), input: row })).status).toBe('verified');
      await undoAction({ ctx: responder(), input: { id: row.id } });
    });

    it('undo refuses when somebody else changed the node since', async () => {
      const row = await execute('cordon', node);
      await admin.call('PATCH', '/api/v1/nodes/node1', {
        body: { spec: { unschedulable: null } },
        contentType: 'application/merge-patch+json',
      });
      await expect(undoAction({ ctx: responder(), input: { id: row.id } })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('Somebody else changed the node'),
      });
    });

    it('refuses a token of another preview', async () => {
      await expect(execute('cordon', node, 'f'.repeat(64))).rejects.toMatchObject({
        reason: 'preview_stale',
      });
      expect((await readNode()).spec.unschedulable).toBe(false);
    });
  });

  describe('quarantine', () => {
    let target: Extract<ActionTarget, { kind: 'pod' }>;
    let labels: Record<string, string>;
    let row: ActionRow;

    it('shows policies, Services, budget and the replacement before anything happens', async () => {
      const caller = await readPod('caller');
      const address = JSON.stringify(caller?.spec.containers[0]?.args);
      const victim = (await readyPods('api')).find((pod) => address.includes(`${pod.status.podIP}:`));
      target = { kind: 'pod', namespace, name: victim?.metadata.name ?? '' };
      labels = victim?.metadata.labels ?? {};
      const shown = await preview('quarantine', target);
      expect(shown.allowed).toBe(true);
      expect(shown.blastRadius.map(({ value }) => value)).toEqual(['1', '1 of 2', '1', '0']);
      const text = JSON.stringify([shown.checks, shown.warnings]);
      expect(text).toContain('Policy allow-api allows traffic');
      expect(text).toContain('Removing app takes the pod out of it');
      expect(text).toContain('Disruption budget api');
      expect(text).toContain('starts a replacement pod');
      expect(text).toContain('emptyDir scratch');
      expect(shown.objects.map(({ kind, before }) => [kind, before === null])).toEqual([
        ['NetworkPolicy', true],
        ['Pod', false],
      ]);
      expect((await readPod(target.name))?.metadata.labels).toEqual(labels);
    });

    it('stops at a confirm when the pod changed since the preview', async () => {
      const { token } = await preview('quarantine', target);
      await patchLabels(target.name, { touched: 'yes' });
      await expect(execute('quarantine', target, token)).rejects.toMatchObject({ reason: 'preview_stale' });
      await patchLabels(target.name, { touched: null });
    });

    it('cuts the pod off for real: calls fail, the Service drops it, a replacement starts', async () => {
      await until(async () => (await lastCall('caller')) === 'ok');
      row = await execute('quarantine', target);
      expect(row).toMatchObject({ status: 'applied', proof: 'unproven', undoable: true });
      const pod = await readPod(target.name);
      expect(pod?.metadata.labels).toEqual({ team: 'tests', [QUARANTINE_LABEL]: expect.any(String) });
      await until(async () => (await lastCall('caller')) === 'failed');
      await until(async () => (await readyPods('api')).length === 2);
      const slices = await until(async () => {
        const path = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
        const text = JSON.stringify((await admin.list(z.unknown(), path, { max: 10 })).items);
        return !text.includes(`"${target.name}"`) && text;
      });
      expect(slices).not.toContain(target.name);
      const badge = await until(async () => {
        const state = await podState({ ctx: responder(), input: target });
        return state.quarantine !== null && state;
      });
      expect(badge.quarantine).toMatchObject({ actionId: row.id, proof: 'unproven' });
    });

    it('does not claim to be enforced where nothing could observe it', async () => {
      const ended = await until(async () => {
        const now = await getAction({ ctx: responder(), input: row });
        return now.endedAt !== null && now;
      });
      expect(ended).toMatchObject({
        status: 'applied',
        proof: 'unproven',
        proofDetail: expect.stringMatching(/sensor|port/),
      });
      expect(await lastAudit()).toMatchObject({ verb: 'action.quarantine.proof' });
    });

    it('is not released while somebody else’s labels are on the pod, and names them', async () => {
      await patchLabels(target.name, { forensics: 'ongoing' });
      await expect(undoAction({ ctx: responder(), input: row })).rejects.toMatchObject({
        reason: 'changed_since',
        message: expect.stringContaining('forensics: — → ongoing'),
      });
      await patchLabels(target.name, { forensics: null });
    });

    it('is released to the stored labels, and the policy goes', async () => {
      const released = await undoAction({ ctx: responder(), input: row });
      expect(released).toMatchObject({
        action: 'release',
        status: 'verified',
        undoOf: row.id,
        undoable: false,
      });
      const pod = await readPod(target.name);
      // The ReplicaSet now has one pod too many and may have chosen this one.
      if (pod !== undefined && pod.metadata.deletionTimestamp == null)
        expect(pod.metadata.labels).toEqual(labels);
      const policies = await admin.list(
        anyObjectSchema,
        `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
        { max: 10 },
      );
      expect(policies.items.map(({ metadata }) => metadata.name)).toEqual(['allow-api']);
      expect((await getAction({ ctx: responder(), input: row })).status).toBe('undone');
      await expect(execute('release', target)).rejects.toMatchObject({ reason: 'not_quarantined' });
    });

    it('never touches a protected target', async () => {
      const metadata = { namespace: 'kube-system', name: `victim-${namespace}` };
      const spec = {
        containers: [{ name: 'c', image: IMAGE, imagePullPolicy: 'Never', args: ['serve', ':1'] }],
      };
      await until(() =>
        admin.find(anyObjectSchema, '/api/v1/namespaces/kube-system/serviceaccounts/default'),
      );
      await create('/api/v1/namespaces/kube-system/pods', { metadata, spec });
      const pod = { kind: 'pod', ...metadata } as const;
      try {
        expect((await preview('quarantine', pod)).allowed).toBe(false);
        await expect(execute('quarantine', pod)).rejects.toMatchObject({
          code: 'forbidden',
          reason: 'protected_target',
        });
      } finally {
        await admin.call('DELETE', `/api/v1/namespaces/kube-system/pods/${metadata.name}`, {
          query: { gracePeriodSeconds: 0 },
        });
      }
    });

    it('of a pod that does not exist is not found', async () => {
      await expect(preview('quarantine', { ...target, name: 'nobody' })).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });

  describe('without permission', () => {
    it('says what the cluster does not allow', async () => {
      const ctx = {
        ...responder(),
        config: { ...config, kubeconfig: join(dirname(kubeconfig ?? ''), 'agent.kubeconfig') },
      };
      const shown = await previewAction({ ctx, input: { action: 'cordon', target: node, options } });
      expect(shown.allowed).toBe(false);
      expect(shown.checks.find(({ by }) => by === 'SelfSubjectAccessReview')).toMatchObject({
        state: 'fail',
        detail: expect.stringContaining('resources: ["nodes"], verbs: ["patch"]'),
      });
      await getCluster(ctx).stop();
    });
  });

  describe('after a crash', () => {
    const old = () => new Date(Date.now() - 10 * 60_000);
    const interrupted = (kind: string, image: object) =>
      test.db.action.create({
        data: {
          kind,
          target: node,
          actor: 'Rosa',
          idempotencyKey: randomUUID(),
          startedAt: old(),
          preImage: image,
          postImage: image,
        },
      });

    it('settles what was running by looking at the cluster', async () => {
      const cordoned = await interrupted('cordon', { unschedulable: true });
      const uncordoned = await interrupted('uncordon', { unschedulable: false });
      expect(await recoverActions({ ...responder(), actor: { kind: 'system', name: 'actions' } })).toBe(2);
      expect(await getAction({ ctx: responder(), input: cordoned })).toMatchObject({
        status: 'failed',
        error: expect.stringContaining('stopped'),
      });
      expect(await getAction({ ctx: responder(), input: uncordoned })).toMatchObject({ status: 'applied' });
      expect(await recoverActions({ ...responder(), actor: { kind: 'system', name: 'actions' } })).toBe(0);
    });
  });

  it('all of it stands in a list with a cursor and in an unbroken trail', async () => {
    const { rows, nextCursor } = await listActions({ ctx: as(VIEWER_ACTOR), input: {} });
    expect(rows.map(({ action }) => action)).toEqual(
      expect.arrayContaining(['cordon', 'uncordon', 'quarantine', 'release']),
    );
    expect(nextCursor).toBeNull();
    expect(await verifyAuditTrail({ db: test.db })).toMatchObject({ ok: true });
  });
});
