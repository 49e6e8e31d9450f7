import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ARTIFACT_CHUNK_BYTES,
  agentCommandsSchema,
  COMMAND_KINDS,
  type CommandRequest,
  commandPageSchema,
  commandPreviewRequestSchema,
  commandPreviewSchema,
  commandRequestSchema,
  commandRowSchema,
} from '../../core/wire/commands.ts';
import { eventItem, makeBatch, makeEvent } from '../../prisma/seed/make-event.ts';
import { makeHeartbeat } from '../../prisma/seed/make-heartbeat.ts';
import { heartbeat } from '../agents/heartbeat.ts';
import { verifyAuditTrail } from '../audit-trail/verify.ts';
import type { Actor } from '../context.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { openArtifact, receiveChunk } from './artifact.ts';
import { cancelCommand } from './cancel.ts';
import { deliverCommands, hasCommands } from './deliver.ts';
import { getCommand, listCommands } from './list.ts';
import { previewCommand } from './preview.ts';
import { reportCommand } from './report.ts';
import { requestCommand } from './request.ts';
import { settleCommands } from './settle.ts';

const RESPONDER: Actor = { kind: 'user', id: 'user-2', name: 'Rosa', role: 'responder' };
const ADMIN: Actor = { kind: 'user', id: 'user-3', name: 'Ada', role: 'admin' };
const NODE = { kind: 'node', name: 'n1' } as const;
const agentId = randomUUID();

let test: TestDatabase;
const as = (actor: Actor, now?: () => Date) => testContext(test, { actor, ...(now && { now }) });
const agent = (now?: () => Date) => testContext(test, now && { now });

async function beat(able: readonly string[] = COMMAND_KINDS, ctx = agent()) {
  const commands = COMMAND_KINDS.map((kind) =>
    able.includes(kind)
      ? { kind, available: true }
      : { kind, available: false, reason: 'The agent has no right to do it.', fix: 'Run it as root.' },
  );
  return await heartbeat({ ctx, input: { ...makeHeartbeat({ agentId, node: 'n1' }), commands } });
}

type Ask = Partial<CommandRequest> & Pick<CommandRequest, 'kind' | 'target'>;

async function preview(ask: Ask, actor: Actor = RESPONDER) {
  const input = commandPreviewRequestSchema.parse(ask);
  return commandPreviewSchema.parse(await previewCommand({ ctx: as(actor), input }));
}

async function request(ask: Ask, actor: Actor = RESPONDER, now?: () => Date) {
  const { token } = await preview(ask, actor);
  const input = commandRequestSchema.parse({ token, idempotencyKey: randomUUID(), ...ask });
  return commandRowSchema.parse(await requestCommand({ ctx: as(actor, now), input }));
}

const deliver = async (ctx = agent()) =>
  agentCommandsSchema.parse(await deliverCommands({ ctx, input: { agentId } }));
const report = (
  commandId: string,
  body: Parameters<typeof reportCommand>[0]['input']['report'],
  ctx = agent(),
) => reportCommand({ ctx, input: { agentId, commandId, report: body } });
const row = async (id: string) =>
  commandRowSchema.parse(await getCommand({ ctx: as(RESPONDER), input: { id } }));
const trail = async (id: string) =>
  (await test.db.auditTrail.findMany({ where: { target: `command:${id}` }, orderBy: { id: 'asc' } })).map(
    ({ actor, verb }) => `${actor} ${verb}`,
  );

async function upload(commandId: string, bytes: Buffer) {
  for (let index = 0; index * ARTIFACT_CHUNK_BYTES < bytes.length; index += 1) {
    const part = bytes.subarray(index * ARTIFACT_CHUNK_BYTES, (index + 1) * ARTIFACT_CHUNK_BYTES);
    const input = { agentId, commandId, index, bytes: new Uint8Array(part) };
    expect(await receiveChunk({ ctx: agent(), input })).toEqual({ goOn: true });
  }
  return { name: 'a.json', bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

beforeAll(async () => {
  test = await testDatabase();
  await beat();
});
afterAll(() => test.drop());

describe('preview', () => {
  it('says what, where, how long and what is read, and changes nothing', async () => {
    const shown = await preview({ kind: 'record_capture', target: NODE, params: { seconds: 999 } });
    expect(shown).toMatchObject({ node: 'n1', allowed: true, params: { seconds: 300 } });
    expect(shown.facts).toContainEqual({ label: 'recorded', value: '5 min' });
    expect(shown.reads.join()).toContain('System calls');
    expect(await test.db.command.count()).toBe(0);
  });

  it('refuses viewers, and everybody but administrators to kill', async () => {
    const target = { kind: 'process', node: 'n1', pid: 77, seenAt: new Date(0).toISOString() } as const;
    await expect(preview({ kind: 'process_snapshot', target: NODE }, VIEWER_ACTOR)).rejects.toThrow(
      'responder',
    );
    await expect(preview({ kind: 'kill', target })).rejects.toThrow('role admin');
    expect((await preview({ kind: 'kill', target }, ADMIN)).allowed).toBe(true);
  });

  it('refuses targets that a kind does not take', async () => {
    await expect(preview({ kind: 'collect_evidence', target: NODE })).rejects.toMatchObject({
      reason: 'target_kind',
    });
  });

  it('gives the reason and the fix when the agent cannot, is absent, or the pod is unknown', async () => {
    await beat(['process_snapshot']);
    const cannot = await preview({ kind: 'record_capture', target: NODE });
    expect(cannot.allowed).toBe(false);
    expect(cannot.checks.at(-1)).toMatchObject({
      name: 'Capability',
      detail: 'The agent has no right to do it. Run it as root.',
    });
    await beat();
    const absent = await preview({ kind: 'process_snapshot', target: { kind: 'node', name: 'n9' } });
    expect(absent.checks).toContainEqual(expect.objectContaining({ name: 'Agent', state: 'fail' }));
    const pod = { kind: 'pod', namespace: 'shop', name: 'web-1' } as const;
    expect((await preview({ kind: 'collect_evidence', target: pod })).checks[0]).toMatchObject({
      name: 'Node',
      state: 'fail',
    });
  });

  it('finds the pod by its events, and refuses to freeze what belongs to the cluster', async () => {
    const where = { node: 'n1', podUid: 'uid-1', containerId: 'c'.repeat(64) };
    const events = ['shop', 'kube-system'].map((namespace) =>
      eventItem(makeEvent({ namespace, pod: 'dns', ...where })),
    );
    const body = makeBatch({ agentId, epoch: 1, firstSeq: 1 }, events);
    await ingestBatch({ ctx: agent(), input: { body } });
    const own = { kind: 'pod', namespace: 'shop', name: 'dns' } as const;
    const { id } = await request({ kind: 'freeze', target: own });
    expect((await deliver()).commands[0]).toMatchObject({
      id,
      scope: { podUid: 'uid-1', containerIds: ['c'.repeat(64)] },
    });
    await cancelCommand({ ctx: as(RESPONDER), input: { id } });
    const target = { ...own, namespace: 'kube-system' };
    await expect(request({ kind: 'freeze', target })).rejects.toMatchObject({ reason: 'protected_target' });
    expect((await preview({ kind: 'collect_evidence', target })).allowed).toBe(true);
  });
});

describe('a command', () => {
  it('goes from request to download, with every step in the trail and the incident', async () => {
    const incident = await test.db.incident.create({
      data: {
        clusterId: 'default',
        title: 'x',
        priority: 3,
        firstEventAt: new Date(),
        lastEventAt: new Date(),
      },
    });
    const { id } = await request({
      kind: 'process_snapshot',
      target: NODE,
      incidentId: incident.id,
      reason: 'look',
    });
    expect((await beat()).commands).toBe(true);
    const [got] = (await deliver()).commands;
    expect(got).toMatchObject({ id, kind: 'process_snapshot', target: NODE });
    expect((await deliver()).commands).toHaveLength(1);
    expect(await report(id, { state: 'running' })).toEqual({ goOn: true });
    expect((await deliver()).commands).toHaveLength(0);
    expect((await beat()).commands).toBe(false);
    const bytes = randomBytes(ARTIFACT_CHUNK_BYTES * 2 + 17);
    const artifact = await upload(id, bytes);
    await report(id, { state: 'done', summary: '3 processes', notes: ['no sockets'], artifact });
    await report(id, { state: 'failed', error: 'too late' });
    expect(await row(id)).toMatchObject({
      state: 'done',
      summary: '3 processes',
      artifact,
      artifactKept: true,
      uploadedBytes: bytes.length,
    });

    const opened = await openArtifact({ ctx: as(RESPONDER), input: { id } });
    expect(Buffer.from(await new Response(opened.body).arrayBuffer()).equals(bytes)).toBe(true);
    await expect(openArtifact({ ctx: as(VIEWER_ACTOR), input: { id } })).rejects.toThrow('responder');
    expect(await trail(id)).toEqual([
      'Rosa command.process_snapshot.request',
      'sensor command.process_snapshot.running',
      'sensor command.process_snapshot.done',
      'Rosa command.process_snapshot.download',
    ]);
    const lines = await test.db.incidentEntry.findMany({
      where: { incidentId: incident.id },
      orderBy: { id: 'asc' },
    });
    expect(lines.map(({ summary }) => summary)).toEqual([
      'asked the agent on n1 to take a process snapshot of n1',
      'took a process snapshot of n1. 3 processes',
    ]);
    expect(await verifyAuditTrail({ db: test.db })).toMatchObject({ ok: true });
  });

  it('acts once for one confirm, and not on another preview than the one shown', async () => {
    const ask = { kind: 'process_snapshot', target: NODE } as const;
    const { token } = await preview(ask);
    const input = commandRequestSchema.parse({ ...ask, token, idempotencyKey: randomUUID() });
    const both = await Promise.all([1, 2].map(() => requestCommand({ ctx: as(RESPONDER), input })));
    expect(both[0]?.id).toBe(both[1]?.id);
    const stale = commandRequestSchema.parse({ ...ask, token: 'x', idempotencyKey: randomUUID() });
    await expect(requestCommand({ ctx: as(RESPONDER), input: stale })).rejects.toMatchObject({
      reason: 'preview_stale',
    });
    await cancelCommand({ ctx: as(RESPONDER), input: { id: both[0]?.id ?? '' } });
  });

  it('is given to its own agent alone', async () => {
    const { id } = await request({ kind: 'process_snapshot', target: NODE });
    const other = { agentId: randomUUID(), commandId: id, report: { state: 'running' } } as const;
    await expect(reportCommand({ ctx: agent(), input: other })).rejects.toMatchObject({
      reason: 'agent_secret',
    });
    await heartbeat({ ctx: agent(), input: makeHeartbeat({ agentId: other.agentId }) });
    await expect(reportCommand({ ctx: agent(), input: other })).rejects.toMatchObject({ code: 'not_found' });
    await expect(reportCommand({ ctx: as(ADMIN), input: { ...other, agentId } })).rejects.toMatchObject({
      reason: 'actor_kind',
    });
    await cancelCommand({ ctx: as(RESPONDER), input: { id } });
  });

  it('does not start once it is cancelled, and one that runs is told to stop', async () => {
    const early = await request({ kind: 'process_snapshot', target: NODE });
    await deliver();
    await cancelCommand({ ctx: as(RESPONDER), input: { id: early.id } });
    expect(await report(early.id, { state: 'running' })).toEqual({ goOn: false });
    expect((await row(early.id)).state).toBe('cancelled');

    const late = await request({ kind: 'record_capture', target: NODE });
    await report(late.id, { state: 'running' });
    await cancelCommand({ ctx: as(RESPONDER), input: { id: late.id } });
    expect(await hasCommands(agent(), agentId)).toBe(true);
    expect((await deliver()).cancel).toEqual([late.id]);
    await report(late.id, { state: 'cancelled' });
    expect((await row(late.id)).state).toBe('cancelled');
    await expect(cancelCommand({ ctx: as(RESPONDER), input: { id: late.id } })).resolves.toMatchObject({
      state: 'cancelled',
    });
  });

  it('expires when nobody fetches it, and fails when its end is not reported', async () => {
    const ago = () => new Date(Date.now() - 10 * 60_000);
    const waiting = await request({ kind: 'process_snapshot', target: NODE }, RESPONDER, ago);
    const running = await request({ kind: 'process_snapshot', target: NODE }, RESPONDER, ago);
    expect(await report(running.id, { state: 'running' }, agent(ago))).toEqual({ goOn: true });
    expect(await report(waiting.id, { state: 'running' })).toEqual({ goOn: false });
    await settleCommands(as({ kind: 'system', name: 'commands' }));
    expect((await row(waiting.id)).state).toBe('expired');
    expect(await row(running.id)).toMatchObject({
      state: 'failed',
      error: 'The agent did not report the end in time.',
    });
    expect((await trail(waiting.id)).at(-1)).toBe('Eyrie command.process_snapshot.expired');
    expect(await report(running.id, { state: 'done' })).toEqual({ goOn: false });
  });

  it('whose artifact was cut or changed on its way is not done', async () => {
    const { id } = await request({ kind: 'process_snapshot', target: NODE });
    await report(id, { state: 'running' });
    const artifact = await upload(id, Buffer.from('evidence'));
    const body = { state: 'done', artifact: { ...artifact, sha256: '0'.repeat(64) } } as const;
    await expect(report(id, body)).rejects.toMatchObject({ reason: 'artifact' });
    expect((await row(id)).state).toBe('running');
    await report(id, { state: 'failed', error: 'changed' });
    expect(await test.db.commandChunk.count({ where: { commandId: id } })).toBe(0);
  });

  it('leaves files within the limit of the store, the oldest go first', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 2; n += 1) {
      const { id } = await request({ kind: 'process_snapshot', target: NODE });
      await report(id, { state: 'running' });
      await report(id, { state: 'done', artifact: await upload(id, Buffer.alloc(600, n)) });
      ids.push(id);
    }
    await settleCommands(as({ kind: 'system', name: 'commands' }), 1_000);
    expect((await Promise.all(ids.map(row))).map(({ artifactKept }) => artifactKept)).toEqual([false, true]);
    await expect(openArtifact({ ctx: as(ADMIN), input: { id: ids[0] ?? '' } })).rejects.toMatchObject({
      reason: 'artifact_deleted',
    });
  });
});

it('a freeze is taken back once, by a thaw of the same target', async () => {
  const target = { kind: 'process', node: 'n1', pid: 77, seenAt: new Date(0).toISOString() } as const;
  const freeze = await request({ kind: 'freeze', target });
  const undoOf = freeze.id;
  expect((await preview({ kind: 'thaw', target, undoOf })).allowed).toBe(false);
  await report(freeze.id, { state: 'running' });
  await report(freeze.id, { state: 'done' });
  expect((await row(freeze.id)).undoable).toBe(true);
  await expect(preview({ kind: 'thaw', target: { ...target, pid: 78 }, undoOf })).rejects.toMatchObject({
    code: 'not_found',
  });
  const thaw = await request({ kind: 'thaw', target, undoOf });
  await report(thaw.id, { state: 'running' });
  await report(thaw.id, { state: 'done' });
  expect((await row(freeze.id)).undoable).toBe(false);
  const { rows } = commandPageSchema.parse(
    await listCommands({ ctx: as(VIEWER_ACTOR), input: { node: 'n1' } }),
  );
  expect(rows[0]?.id).toBe(thaw.id);
});
