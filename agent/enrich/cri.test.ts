import { once } from 'node:events';
import { createServer } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { readConfig } from '../config.ts';
import { type CriSource, criSource, criVersion, readContainerStatus, readSandboxStatus } from './cri.ts';
import answers from './testing/cri-answers.json' with { type: 'json' };
import {
  type CriCall,
  type CriServer,
  frame,
  sendBody,
  sendMessage,
  sendStatus,
  socketDir,
  startCriServer,
} from './testing/cri-server.ts';

const CONTAINER = Buffer.from(answers.container, 'base64');
const SANDBOX = Buffer.from(answers.sandbox, 'base64');
const VERSION = Buffer.from(answers.version, 'base64');
const NOT_FOUND = 5;
const POD = { podName: 'checkout-api-565684f496-hpz52', podUid: '8ae350b0-5f15-4322-ac4f-764f6308485c' };
const FACTS = {
  name: 'api',
  image: 'testcluster.local/shop/checkout:1.4.2',
  namespace: 'shop',
  ...POD,
};

let socketPath: string;
let removeDir: () => void;

beforeEach(() => {
  ({ socketPath, remove: removeDir } = socketDir());
});
afterEach(() => removeDir());

/** The runtime as it answered: one container, one sandbox, nothing else. */
function asRecorded(call: CriCall): void {
  if (call.method === 'Version') sendMessage(call, VERSION);
  else if (call.method === 'ContainerStatus' && call.id === answers.containerId) sendMessage(call, CONTAINER);
  else if (call.method === 'PodSandboxStatus' && call.id === answers.sandboxId) sendMessage(call, SANDBOX);
  else sendStatus(call, NOT_FOUND, `an error occurred when try to find "${call.id}": not found`);
}

async function serve(answer: (call: CriCall) => void = asRecorded): Promise<CriServer> {
  const server = await startCriServer(socketPath, answer);
  onTestFinished(server.stop);
  return server;
}

function source(nowMs?: () => number): { cri: CriSource; lines: string[] } {
  const lines: string[] = [];
  const log = (line: string) => lines.push(line.replace(socketPath, 'SOCKET'));
  const cri = criSource({ socketPath, log, ...(nowMs === undefined ? {} : { nowMs }) });
  onTestFinished(cri.stop);
  return { cri, lines };
}

/** The log line that the answer to one question leads to. */
async function faultOf(answer: (call: CriCall) => void): Promise<string | undefined> {
  await serve(answer);
  const { cri, lines } = source();
  expect(await cri.ask(answers.containerId)).toBeUndefined();
  return lines.join('\n');
}

test('reads the name, image and pod of a container from the answer of containerd', async () => {
  const server = await serve();
  const { cri, lines } = source();
  expect(await cri.ask(answers.containerId)).toEqual(FACTS);
  expect(server.calls.map((call) => call.method)).toEqual(['ContainerStatus']);
  expect(lines).toEqual([]);
});

test('asks for a sandbox when there is no such container and gives it no name', async () => {
  const server = await serve();
  const { cri } = source();
  expect(await cri.ask(answers.sandboxId)).toEqual({
    name: undefined,
    image: undefined,
    podName: 'storefront-5d7f77c87f-q8mwn',
    namespace: 'shop',
    podUid: 'b8641c33-5deb-4c75-9bcd-ea71c82263fc',
  });
  expect(server.calls.map((call) => call.method)).toEqual(['ContainerStatus', 'PodSandboxStatus']);
});

test('tells the name and version of the runtime', async () => {
  await serve();
  expect(await criVersion(socketPath, 2_000)).toBe('containerd 1.6.20~ds1');
});

test('says with the code of the system that nobody listens', async () => {
  await expect(criVersion(socketPath, 2_000)).rejects.toMatchObject({ code: 'ENOENT' });
});

test('is off unless the configuration names a socket', () => {
  const argv = ['--server', 'https://eyrie.example', '--token-file', '/run/token'];
  const off = readConfig(argv, {});
  expect(off.ok && off.config.criSocket).toBeUndefined();
  expect(readConfig([...argv, '--cri-socket', '/run/cri.sock'], {})).toMatchObject({
    config: { criSocket: '/run/cri.sock' },
  });
});

test('does not connect before it is asked, nor after it was stopped', async () => {
  const server = await serve();
  const { cri } = source();
  cri.stop();
  expect(cri.ask(answers.containerId)).toBeUndefined();
  // Connections are taken in order, so one made above would have come before this.
  await criVersion(socketPath, 2_000);
  expect(server.sessions).toHaveLength(1);
});

test('gives up on a runtime that does not answer within half a second', async () => {
  expect(await faultOf(() => undefined)).toBe('container runtime SOCKET: no answer within 500 ms');
});

test('ends a waiting question when it is stopped', async () => {
  const { promise: isAsked, resolve } = Promise.withResolvers<CriCall>();
  await serve(resolve);
  const { cri, lines } = source();
  const answer = cri.ask(answers.containerId);
  await isAsked;
  cri.stop();
  expect(await answer).toBeUndefined();
  expect(lines).toEqual([]);
});

test('has at most eight questions under way and asks the others as answers come', async () => {
  const held: CriCall[] = [];
  const eight = Promise.withResolvers<void>();
  let isHolding = true;
  const server = await serve((call) => {
    if (!isHolding) return sendMessage(call, CONTAINER);
    held.push(call);
    if (held.length === 8) eight.resolve();
  });
  const { cri } = source();
  const asked = Array.from({ length: 20 }, (_, index) => cri.ask(`c${index}`));
  await eight.promise;
  // The client answers a ping after whatever it had sent before.
  await new Promise((resolve) => server.sessions[0]?.ping(resolve));
  expect(server.calls).toHaveLength(8);
  isHolding = false;
  for (const call of held) sendMessage(call, CONTAINER);
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 20 }, () => FACTS));
  expect(new Set(server.calls.map((call) => call.id)).size).toBe(20);
  expect(server.sessions).toHaveLength(1);
});

test('asks once for a container that is being asked for, and refuses more than 1,024 in waiting', async () => {
  await serve(() => undefined);
  const { cri } = source();
  const first = cri.ask('c');
  expect(cri.ask('c')).toBeUndefined();
  const others = Array.from({ length: 7 + 1_024 }, (_, index) => cri.ask(`c${index}`));
  expect(others.every((answer) => answer !== undefined)).toBe(true);
  expect(cri.ask('one too many')).toBeUndefined();
  cri.stop();
  expect(await first).toBeUndefined();
  expect(new Set(await Promise.all(others))).toEqual(new Set([undefined]));
});

test('asks for an unknown container again after two seconds, not before', async () => {
  const server = await serve();
  let nowMs = 10_000;
  const { cri } = source(() => nowMs);
  expect(await cri.ask('unknown')).toBeUndefined();
  nowMs += 1_999;
  expect(cri.ask('unknown')).toBeUndefined();
  expect(server.calls).toHaveLength(2);
  nowMs += 1;
  expect(await cri.ask('unknown')).toBeUndefined();
  expect(server.calls).toHaveLength(4);
});

test('forgets the oldest of more than 4,096 unknown containers', async () => {
  // An answer that is no gRPC is the shortest way to an unknown container.
  const server = await serve(({ stream }) => stream.respond({ ':status': 404 }, { endStream: true }));
  const { cri } = source(() => 0);
  for (let index = 0; index < 4_097; index += 512) {
    const ids = Array.from({ length: Math.min(512, 4_097 - index) }, (_, at) => `c${index + at}`);
    await Promise.all(ids.map((id) => cri.ask(id)));
  }
  expect(server.calls).toHaveLength(4_097);
  expect(cri.ask('c1')).toBeUndefined();
  expect(cri.ask('c4096')).toBeUndefined();
  await cri.ask('c0');
  expect(server.calls).toHaveLength(4_098);
});

test('connects again after the runtime closed the connection on a question', async () => {
  const server = await serve((call) => {
    if (call.id === 'fatal') call.stream.session?.destroy();
    else asRecorded(call);
  });
  const { cri, lines } = source();
  expect(await cri.ask('fatal')).toBeUndefined();
  expect(await cri.ask(answers.containerId)).toEqual(FACTS);
  expect(server.sessions).toHaveLength(2);
  expect(lines).toEqual([
    'container runtime SOCKET: the connection closed before the answer',
    'container runtime SOCKET answers',
  ]);
});

test('connects again after the runtime was restarted, and tells each change once', async () => {
  const { cri, lines } = source(() => 0);
  await cri.ask('a');
  await cri.ask('b');
  await serve();
  expect(await cri.ask(answers.containerId)).toEqual(FACTS);
  expect(lines).toEqual([
    expect.stringMatching(/^container runtime SOCKET: connect ENOENT /),
    'container runtime SOCKET answers',
  ]);
});

test('connects again after the runtime said that it goes away', async () => {
  const server = await serve();
  const { cri } = source();
  await cri.ask('a');
  const [session] = server.sessions;
  session?.close();
  if (session !== undefined && !session.destroyed) await once(session, 'close');
  expect(await cri.ask(answers.containerId)).toEqual(FACTS);
  expect(server.sessions).toHaveLength(2);
});

test.each([
  ['larger than 1 MiB', (call: CriCall) => sendBody(call, new Uint8Array(1024 * 1024 + 1)), 'larger than'],
  ['cut short', (call: CriCall) => sendBody(call, frame(CONTAINER).subarray(0, -1)), 'not one uncompressed'],
  ['that is empty', (call: CriCall) => sendBody(call, new Uint8Array()), 'not one uncompressed'],
  ['that is compressed', (call: CriCall) => sendBody(call, frame(CONTAINER, true)), 'not one uncompressed'],
  [
    'of two messages',
    (call: CriCall) => sendBody(call, Buffer.concat([frame(CONTAINER), frame(SANDBOX)])),
    'not one uncompressed',
  ],
  ['of a failure', (call: CriCall) => sendStatus(call, 13, 'internal'), 'gRPC status 13: internal'],
  [
    'without a gRPC status',
    ({ stream }: CriCall) => {
      stream.respond({ ':status': 200 });
      stream.end(frame(CONTAINER));
    },
    'no status',
  ],
  [
    'of plain HTTP',
    ({ stream }: CriCall) => stream.respond({ ':status': 404 }, { endStream: true }),
    'answered 404, not gRPC',
  ],
])('refuses an answer %s and says so', async (_, answer, line) => {
  expect(await faultOf(answer)).toContain(line);
});

test('takes well-framed garbage for an unknown container', async () => {
  await serve((call) => sendMessage(call, Buffer.from('no protobuf at all')));
  const { cri } = source(() => 0);
  expect(await cri.ask('c')).toBeUndefined();
  expect(cri.ask('c')).toBeUndefined();
  await expect(criVersion(socketPath, 2_000)).rejects.toThrow('not that of a container runtime');
});

test('survives a socket that speaks no HTTP/2', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
  }).listen(socketPath);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const { cri, lines } = source();
  expect(await cri.ask('c')).toBeUndefined();
  expect(lines).toHaveLength(1);
});

test('never throws on an answer with bytes changed, cut or added', () => {
  const change = fc.record({
    at: fc.nat(CONTAINER.length),
    gone: fc.nat(40),
    put: fc.uint8Array({ maxLength: 8 }),
  });
  fc.assert(
    fc.property(fc.constantFrom(CONTAINER, SANDBOX), fc.array(change, { maxLength: 4 }), (whole, changes) => {
      const bytes = changes.reduce<Buffer>(
        (rest, { at, gone, put }) => Buffer.concat([rest.subarray(0, at), put, rest.subarray(at + gone)]),
        whole,
      );
      for (const facts of [readContainerStatus(bytes), readSandboxStatus(bytes)]) {
        expect(facts?.name?.length ?? 0).toBeLessThanOrEqual(253);
        expect(facts?.image?.length ?? 0).toBeLessThanOrEqual(512);
        expect(facts?.podUid?.length ?? 0).toBeLessThanOrEqual(64);
      }
    }),
    { numRuns: 1_000 },
  );
});
