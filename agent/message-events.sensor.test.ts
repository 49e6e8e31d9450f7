import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, startHarness } from './testing/sensor-harness.ts';

let h: Harness;

beforeAll(async () => {
  h = await startHarness();
}, 120_000);
afterAll(() => h?.close());

/** Messages that one run of `calls datagrams` sent, in order; the run has ended. */
async function sent(how: string, port: number) {
  await h.call('datagrams', how, String(port));
  const mine = (args: readonly string[]) =>
    args[0] === 'datagrams' && args[1] === how && args[2] === String(port);
  await h.event((e) => e.type === 'procexit' && mine(e.thread?.args ?? []));
  return h.events.filter((e) => e.type.startsWith('send') && mine(e.thread?.args ?? []));
}

test.each(['sendto', 'sendmsg', 'sendmmsg'])(
  'sees the first datagram to each peer by %s, and that the name changed',
  async (how) => {
    const events = await sent(how, 4_000);
    expect(events.map((e) => e.fd?.tuple?.serverPort)).toEqual([4_000, 4_001]);
    expect(events[0]).toMatchObject({
      type: how,
      fdRenamed: true,
      fd: {
        typechar: '4',
        connected: false,
        tuple: { l4: 'udp', clientIp: '', serverIp: '127.0.0.1', role: 'client' },
      },
    });
    expect(Buffer.from(events[0]?.args.data as Uint8Array).toString('latin1')).toContain('example');
  },
);

test.each(['sendto', 'sendmsg', 'sendmmsg', 'connected'])('names what is asked of DNS by %s', async (how) => {
  const names = (await sent(how, 53)).map((e) => e.args.dns_query);
  expect(names.slice(0, 2)).toEqual(['example.test', 'example.test']);
});

test('sends nothing of a connected socket that speaks to another port', async () => {
  expect(await sent('connected', 4_100)).toEqual([]);
});

test('sees from whom a datagram came, who is then the client, and how it begins', async () => {
  const port = Number(await h.call('heard'));
  const event = await h.event((e) => e.type === 'recvfrom' && e.fd?.tuple?.serverPort === port);
  expect(event).toMatchObject({
    fdRenamed: true,
    fd: {
      connected: false,
      tuple: { l4: 'udp', clientIp: '127.0.0.1', serverIp: '127.0.0.1', role: 'server' },
    },
  });
  expect(event.res).toBe(30);
  expect((event.args.data as Uint8Array).length).toBe(30);
});
