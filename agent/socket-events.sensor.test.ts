import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, startHarness } from './testing/sensor-harness.ts';

let h: Harness;

beforeAll(async () => {
  h = await startHarness();
}, 120_000);
afterAll(() => h?.close());

const made = (name: string, type: string) =>
  h.event((e) => e.type === type && e.thread?.exe === h.calls && e.thread.args[0] === name);

test.each([
  ['tcp4', '127.0.0.1', '4'],
  ['tcp6', '::1', '6'],
])('sees both ends of a %s connection from both sides', async (name, ip, typechar) => {
  const port = Number(await h.call(name));
  const listened = await made(name, 'listen');
  expect(listened.args.backlog).toBe(7);
  expect(listened.fd?.tuple).toMatchObject({ clientIp: '', serverIp: ip, serverPort: port, role: 'server' });
  const connected = await made(name, 'connect');
  expect(connected.res).toBe(0);
  expect(connected.fd).toMatchObject({
    typechar,
    tuple: { l4: 'tcp', clientIp: ip, serverIp: ip, serverPort: port, role: 'client' },
  });
  const accepted = await made(name, 'accept4');
  expect(accepted.fdNum).toBe(accepted.res);
  expect(accepted.fd?.tuple).toMatchObject({ clientIp: ip, serverIp: ip, serverPort: port, role: 'server' });
  expect(accepted.fd?.tuple?.clientPort).toBe(connected.fd?.tuple?.clientPort);
});

test('sees a socket being put on standard input, with its peer', async () => {
  const port = Number(await h.call('tcp4'));
  const dup = await h.event((e) => e.type === 'dup2' && e.fd?.tuple?.serverPort === port);
  expect(dup).toMatchObject({ res: 0, fdNum: 0, args: { newfd: 0 } });
  expect(dup.fd?.tuple).toMatchObject({ serverIp: '127.0.0.1', role: 'server' });
});

test('names the peer of a refused connection', async () => {
  await h.call('refused');
  const event = await made('refused', 'connect');
  expect(event.res).toBe(-111);
  expect(event.fd?.tuple).toMatchObject({ serverIp: '127.0.0.1', serverPort: 1 });
});

test('names the path of unix sockets', async () => {
  const path = join(h.dir, 'test.sock');
  await h.call('unix', path);
  expect((await made('unix', 'connect')).fd).toMatchObject({ typechar: 'u', name: path });
  expect((await made('unix', 'bind')).args.addr).toBe(path);
  expect((await made('unix', 'accept')).fd).toMatchObject({ typechar: 'u', name: path });
});

test('sees a socket being put on standard input by fcntl', async () => {
  await h.call('fcntl');
  const event = await made('fcntl', 'fcntl');
  expect(event).toMatchObject({ res: 0, fdNum: 0, argText: { cmd: 'F_DUPFD' }, fd: { typechar: '4' } });
});
