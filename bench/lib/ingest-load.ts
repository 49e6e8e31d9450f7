import { type Agent, request } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { EventRecord } from '../../core/events/event.ts';
import { makeEvent, toNs } from '../../prisma/seed/make-event.ts';

export const BATCH_EVENTS = 1_000;
const BLOCKS = 20;

export type BenchAgent = { readonly id: string; readonly token: string };

/** Prepared items: gzip members may follow each other, so only the small header is packed per request. */
export type Load = { readonly blocks: readonly Buffer[]; readonly bytesPerEvent: number };

/** Process starts, connections and alerts of 40 workloads in 8 namespaces, the mix of a busy node. */
export function prepareLoad(now: number): Load {
  let bytes = 0;
  const blocks = Array.from({ length: BLOCKS }, (_, block) => {
    const lines = Array.from({ length: BATCH_EVENTS }, (_, n) =>
      JSON.stringify({ k: 'event', ...eventOf(block * BATCH_EVENTS + n, now) }),
    ).join('\n');
    bytes += lines.length;
    return gzipSync(`${lines}\n`, { level: 1 });
  });
  return { blocks, bytesPerEvent: Math.round(bytes / BLOCKS / BATCH_EVENTS) };
}

function eventOf(n: number, now: number): EventRecord {
  const workload = n % 40;
  const command = `/usr/bin/tool-${n % 200} --input /var/lib/app/${n} --level ${n % 7}`;
  const common: Partial<EventRecord> = {
    timeNs: `${BigInt(toNs(new Date(now - (n % 600) * 100))) + BigInt(n % 1000) * 1000n}`,
    namespace: `team-${workload % 8}`,
    pod: `app-${workload}-6d4cf56db6-${(n % 90).toString(36).padStart(5, 'x')}`,
    workload: `Deployment/app-${workload}`,
    containerId: (n % 90).toString(16).padStart(64, 'c'),
    process: `tool-${n % 200}`,
    pid: 1_000 + (n % 30_000),
    fields: fieldsOf(n, command),
  };
  if (n % 3 === 0) {
    const peer = `10.${n % 200}.${n % 250}.7`;
    const type = { type: 'connect', categories: ['connection'] as const, peer, object: `${peer}:443` };
    return makeEvent({ ...common, ...type, summary: `tool-${n % 200} connected to ${peer}:443` });
  }
  const rule =
    n % 200 === 1
      ? { rule: `Rule ${n % 12}`, priority: 2 + (n % 4), output: command, tags: ['mitre_execution'] }
      : {};
  return makeEvent({ ...common, ...rule, summary: `tool-${n % 200} started ${command}` });
}

function fieldsOf(n: number, command: string): EventRecord['fields'] {
  return {
    'evt.type': 'execve',
    'evt.dir': '<',
    'evt.res': 'SUCCESS',
    'evt.cpu': n % 4,
    'proc.name': `tool-${n % 200}`,
    'proc.exepath': `/usr/bin/tool-${n % 200}`,
    'proc.cmdline': command,
    'proc.pid': 1_000 + (n % 30_000),
    'proc.ppid': 900,
    'proc.pname': 'bash',
    'proc.aname': ['bash', 'containerd-shim', 'systemd'],
    'proc.acmdline': ['bash -c run', 'containerd-shim -namespace k8s.io', '/sbin/init'],
    'proc.apid': ['900', '800', '1'],
    'proc.tty': 0,
    'user.name': 'root',
    'user.uid': 0,
    'user.loginname': '<NA>',
    'container.id': (n % 90).toString(16).padStart(12, 'c'),
    'k8s.ns.name': `team-${n % 8}`,
  };
}

/** Sends one agent's batches one after the other, as the agent does; resolves when all are acknowledged. */
export async function runAgent(input: {
  readonly port: number;
  readonly agent: BenchAgent;
  readonly load: Load;
  readonly firstBatch: number;
  readonly batches: number;
  readonly connections: Agent;
}): Promise<void> {
  for (let batch = input.firstBatch; batch < input.firstBatch + input.batches; batch += 1) {
    const firstSeq = batch * BATCH_EVENTS + 1;
    const header = gzipSync(`${JSON.stringify({ agentId: input.agent.id, epoch: 1, firstSeq })}\n`);
    const block = input.load.blocks[batch % input.load.blocks.length] ?? Buffer.alloc(0);
    const reply = await post(input, Buffer.concat([header, block]));
    const { ackedSeq, accepted } = JSON.parse(reply) as { ackedSeq: number; accepted: number };
    if (ackedSeq !== firstSeq + BATCH_EVENTS - 1 || accepted !== BATCH_EVENTS) {
      throw new Error(`batch ${batch} was answered ${reply}`);
    }
  }
}

function post(
  to: { readonly port: number; readonly agent: BenchAgent; readonly connections: Agent },
  body: Buffer,
): Promise<string> {
  return new Promise((done, fail) => {
    const headers = {
      authorization: `Bearer ${to.agent.token}`,
      'content-type': 'application/x-ndjson',
      'content-encoding': 'gzip',
      'content-length': body.length,
    };
    const options = { method: 'POST', path: '/api/v1/ingest', headers, agent: to.connections };
    const req = request({ port: to.port, host: '127.0.0.1', ...options }, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      res.on('end', () =>
        res.statusCode === 200 ? done(text) : fail(new Error(`${res.statusCode} ${text}`)),
      );
    });
    req.on('error', fail).end(body);
  });
}
