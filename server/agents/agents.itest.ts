import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentListSchema, heartbeatReplySchema } from '../../core/wire/agents.ts';
import { eventItem, makeBatch, makeEvent } from '../../prisma/seed/make-event.ts';
import { makeHeartbeat } from '../../prisma/seed/make-heartbeat.ts';
import { receiveChunk } from '../commands/artifact.ts';
import { deliverCommands } from '../commands/deliver.ts';
import { reportCommand } from '../commands/report.ts';
import { ingestBatch } from '../ingest/ingest-batch.ts';
import { testContext, VIEWER_ACTOR } from '../testing/context.ts';
import { type TestDatabase, testDatabase } from '../testing/postgres.ts';
import { heartbeat } from './heartbeat.ts';
import { agentState, listAgents, sensorState } from './list.ts';

let test: TestDatabase;
const RULE = `
- rule: Shell
  desc: a shell
  condition: evt.type = execve and proc.name = bash
  output: shell %proc.name
  priority: NOTICE
`;
beforeAll(async () => {
  test = await testDatabase();
  await test.db.setting.create({
    data: { key: 'rules', value: { files: [{ name: 'own.yaml', text: RULE }] } },
  });
});
afterAll(() => test.drop());

const list = async () =>
  agentListSchema.parse(await listAgents({ ctx: testContext(test, { actor: VIEWER_ACTOR }) }));
const beat = async (change: Parameters<typeof makeHeartbeat>[0], ctx = testContext(test)) =>
  heartbeatReplySchema.parse(await heartbeat({ ctx, input: makeHeartbeat(change) }));

describe('without any agent', () => {
  it('says that nobody watches, and what to do, for every source', async () => {
    const { agents, blind } = await list();
    expect(agents).toEqual([]);
    expect(blind.map(({ source }) => source)).toEqual(['syscall', 'k8s_audit', 'node_log', 'file_integrity']);
    for (const { why, fix } of blind) expect([why.length > 20, fix.length > 20]).toEqual([true, true]);
  });
});

describe('heartbeat', () => {
  it('enrols the agent and hands out the rules, once it has them no more', async () => {
    const agentId = randomUUID();
    const first = await beat({ agentId });
    expect(first.ruleset?.files.at(-1)).toEqual({ name: 'own.yaml', text: RULE });
    const version = first.ruleset?.version ?? '';
    expect((await beat({ agentId, ruleset: { version } })).ruleset).toBeUndefined();
    const refused = { version: 'old', refused: { version, message: 'LOAD_ERR_YAML_PARSE' } };
    expect((await beat({ agentId, ruleset: refused })).ruleset).toBeUndefined();
    const [row] = (await list()).agents;
    expect(row).toMatchObject({ id: agentId, state: 'degraded', rulesetRefused: refused.refused });
  });

  it('answers the position of the stream it names', async () => {
    const agentId = randomUUID();
    const body = makeBatch({ agentId, epoch: 7, firstSeq: 1 }, [
      eventItem(makeEvent()),
      eventItem(makeEvent()),
    ]);
    await ingestBatch({ ctx: testContext(test), input: { body } });
    expect((await beat({ agentId, epoch: 7 })).ackedSeq).toBe(2);
    expect((await beat({ agentId, epoch: 8 })).ackedSeq).toBe(0);
  });

  it('makes one agent of twelve first heartbeats at the same time', async () => {
    const agentId = randomUUID();
    await Promise.all(Array.from({ length: 12 }, () => beat({ agentId })));
    expect((await list()).agents.filter(({ id }) => id === agentId)).toHaveLength(1);
  });

  it('refuses anybody but agents', async () => {
    const ctx = testContext(test, { actor: VIEWER_ACTOR });
    await expect(beat({ agentId: randomUUID() }, ctx)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('the secret of an agent', () => {
  const of = (secretHash?: string) =>
    testContext(test, {
      actor: { kind: 'agent', id: 't', name: 'shared', ...(secretHash && { secretHash }) },
    });
  const refused = { code: 'forbidden', reason: 'agent_secret' };

  it('keeps whoever has the shared token from speaking, hearing and acting for another agent', async () => {
    const agentId = randomUUID();
    await beat({ agentId }, of('a'));
    for (const ctx of [of('b'), of()]) {
      const body = makeBatch({ agentId, epoch: 1, firstSeq: 1 }, [eventItem(makeEvent())]);
      const command = { agentId, commandId: randomUUID() };
      await expect(beat({ agentId }, ctx)).rejects.toMatchObject(refused);
      await expect(ingestBatch({ ctx, input: { body } })).rejects.toMatchObject(refused);
      await expect(deliverCommands({ ctx, input: { agentId } })).rejects.toMatchObject(refused);
      const report = { ...command, report: { state: 'running' } as const };
      await expect(reportCommand({ ctx, input: report })).rejects.toMatchObject(refused);
      const chunk = { ...command, index: 0, bytes: new Uint8Array(1) };
      await expect(receiveChunk({ ctx, input: chunk })).rejects.toMatchObject(refused);
    }
    expect(await deliverCommands({ ctx: of('a'), input: { agentId } })).toEqual({ commands: [], cancel: [] });
  });

  it('is the first that is shown, by one of twelve at the same time', async () => {
    const agentId = randomUUID();
    await beat({ agentId }, of());
    const all = Array.from({ length: 12 }, (_, n) => beat({ agentId }, of(`secret ${n}`)));
    const done = await Promise.allSettled(all);
    expect(done.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('must be known before there are commands', async () => {
    const agentId = randomUUID();
    await beat({ agentId }, of());
    await expect(deliverCommands({ ctx: of(), input: { agentId } })).rejects.toMatchObject(refused);
  });
});

describe('list', () => {
  it('calls an agent degraded while it loses events, and healthy again after', async () => {
    const agentId = randomUUID();
    const state = async () => (await list()).agents.find(({ id }) => id === agentId)?.state;
    await beat({ agentId });
    expect(await state()).toBe('healthy');
    await beat({ agentId, counters: { probe_dropped_total: 5 } });
    expect(await state()).toBe('degraded');
    await beat({ agentId, counters: { probe_dropped_total: 5 } });
    expect(await state()).toBe('healthy');
  });

  it('tells a sensor that sees everything from an agent whose node keeps no logs', async () => {
    const agentId = randomUUID();
    const state = async () => {
      const agent = await test.db.agent.findFirstOrThrow({ where: { id: agentId } });
      return [agentState(agent, Date.now()), sensorState(agent, Date.now())];
    };
    const fine = { name: 'syscall', state: 'ok', detail: 'the kernel sensor runs' } as const;
    await beat({ agentId, preflight: [fine, { name: 'node_log', state: 'blind', detail: 'no logs here' }] });
    expect(await state()).toEqual(['degraded', 'healthy']);
    await beat({ agentId, preflight: [{ ...fine, state: 'blind', detail: 'no BTF' }] });
    expect(await state()).toEqual(['degraded', 'degraded']);
  });

  it('calls an agent silent after fifteen seconds', async () => {
    const agentId = randomUUID();
    await beat({ agentId }, testContext(test, { now: () => new Date(Date.now() - 16_000) }));
    expect((await list()).agents.find(({ id }) => id === agentId)?.state).toBe('silent');
  });

  it('shows why a source is blind when an agent says so', async () => {
    const agentId = randomUUID();
    const item = {
      name: 'node_log',
      state: 'blind' as const,
      detail: 'cannot open /var/log/auth.log',
      fix: 'Add the group adm.',
    };
    await beat({ agentId, preflight: [item] });
    const found = (await list()).blind.find(({ source }) => source === 'node_log');
    expect(found).toEqual({ source: 'node_log', why: item.detail, fix: item.fix });
  });
});
