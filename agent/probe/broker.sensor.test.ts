import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { askForProbe } from './ask.ts';
import { type ProbeBroker, startProbeBroker } from './broker.ts';
import { buildProbe } from './build.ts';

const run = promisify(execFile);
let probe: string;
let broker: ProbeBroker;
const logged: string[] = [];
let nowMs = 0;

beforeAll(async () => {
  probe = await buildProbe();
}, 120_000);
afterEach(() => broker.stop());

async function start(readerPid = process.pid): Promise<void> {
  nowMs = 0;
  logged.length = 0;
  broker = await startProbeBroker({
    probe,
    owner: { uid: 65_534, gid: 65_534 },
    readerPid: () => readerPid,
    parentDir: mkdtempSync(join(tmpdir(), 'eyrie-broker-')),
    nowMs: () => nowMs,
    log: (line) => logged.push(line),
  });
}

/** Everything that is answered to these bytes until the other side closes. */
async function answerTo(bytes: string): Promise<string> {
  const socket: Socket = connect(broker.socketPath);
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  socket.on('error', () => undefined); // a client that sends too much is cut off
  socket.write(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  return text;
}

const fine = '{"events":["openat"]}\n';

test('gives its socket to one user, in a folder that only root can change', async () => {
  await start();
  expect(statSync(broker.socketPath)).toMatchObject({ uid: 65_534, mode: 0o140600 });
  expect(statSync(dirname(broker.socketPath))).toMatchObject({ uid: 0, gid: 65_534, mode: 0o40710 });
  await broker.stop();
  expect(existsSync(dirname(broker.socketPath))).toBe(false);
});

test('starts a probe with what was asked for, which ends with its reader', async () => {
  await start();
  const asked = await askForProbe(broker.socketPath, { events: ['openat'], prefixes: ['/etc/x y;$(id)'] });
  const { stdout } = await run('pgrep', ['-P', String(process.pid), '-a', '-x', 'probe']);
  expect(stdout).toContain(' --events openat --prefix /etc/x y;$(id) --skip-pid ');
  await asked.stop();
  await broker.stop();
  expect(logged).toEqual([]);
});

test.each([
  ['what is no request', 'GET / HTTP/1.1\n', 'not a request'],
  ['an event of no probe', '{"events":["openat","--help"]}\n', 'not a request: events.1'],
  ["an option that is not the agent's", '{"events":[],"bufferMiB":256}\n', 'not a request'],
  ['two lines', `${fine}${fine}`, 'a request is one line'],
  ['more than any request', 'x'.repeat(2_000_000), ''],
])('refuses %s', async (_, bytes, reason) => {
  await start();
  expect(await answerTo(bytes)).toContain(reason);
  await expect(run('pgrep', ['-P', String(process.pid), '-x', 'probe'])).rejects.toThrow();
});

test('cuts off a client that sends no request', async () => {
  await start();
  expect(await answerTo('{"events":')).toBe('');
}, 20_000);

test('gives no output to another process, and says why the next one has to wait', async () => {
  await start(1);
  await expect(answerTo(fine)).resolves.toBe('{"ok":true}\n');
  await expect.poll(() => logged).toEqual(['exit 1: probe: the output does not lead to process 1']);
  await expect(askForProbe(broker.socketPath, { events: [] })).rejects.toMatchObject({
    message: 'exit 1: probe: the output does not lead to process 1',
    retryMs: 1_000,
  });
});

test('runs two probes at most, and starts no more than its budget', async () => {
  await start();
  const ask = () => askForProbe(broker.socketPath, { events: [] });
  const [first, second] = [await ask(), await ask()];
  await expect(ask()).rejects.toMatchObject({ message: 'two probes run already', retryMs: 1_000 });
  const running = () =>
    run('pgrep', ['-c', '-P', String(process.pid), '-x', 'probe']).then(
      (r) => r.stdout.trim(),
      () => '0',
    );
  await first.stop();
  await second.stop();
  await expect.poll(running, { timeout: 20_000 }).toBe('0');
  const third = await ask();
  await expect(ask()).rejects.toMatchObject({ message: 'too many changes at once', retryMs: 10_000 });
  nowMs = 10_000;
  const fourth = await ask();
  await third.stop();
  await fourth.stop();
}, 60_000);
