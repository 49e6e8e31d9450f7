import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { type Harness, startHarness } from './testing/sensor-harness.ts';
import { makeCgroup } from './testing/test-cgroup.ts';

/** The test's own connects by their ends, in order; the last program tells that all before it were seen. */
async function seen(h: Harness): Promise<readonly string[]> {
  await h.call('nothing', 'end');
  await h.event((e) => e.type === 'procexit' && e.thread?.args[1] === 'end');
  const own = h.events.filter((e) => e.type === 'connect' && e.thread?.exe === h.calls);
  return own.map(
    (e) => `${e.thread?.container ? 'container' : 'host'} ${e.fd?.tuple?.serverPort ?? e.fd?.name}`,
  );
}

test('connects of the host that no rule names stay in the kernel, those of containers never', async () => {
  const h = await startHarness({ probe: { connectPorts: [[1, 1]] } });
  const cgroup = await makeCgroup(`/eyrie-ports/kubepods/podx/${randomBytes(32).toString('hex')}`);
  try {
    expect(h.sensor.hello.connectPorts).toBe(1);
    await h.call('refused'); // port 1, where nobody listens: the socket forgets it
    const [port4, port6] = [await h.call('tcp4'), await h.call('tcp6')];
    await h.call('unix', `${h.dir}/x.sock`);
    await cgroup.run(h.calls, [h.calls, 'tcp4']);
    const found = await seen(h);
    expect(found.filter((line) => line.startsWith('host'))).toEqual(['host 1']);
    expect(found.filter((line) => line.startsWith('container'))).toHaveLength(1);

    await h.sensor.setEvents(['connect', 'procexit'], {
      connectPorts: [
        [0, 0],
        [Number(port4), Number(port4)],
        [Number(port6), Number(port6)],
      ],
    });
    expect(h.sensor.hello.connectPorts).toBe(new Set([port4, port6, '0']).size);
  } finally {
    await h.close();
    await cgroup.remove();
  }
});

test('with every port asked for, all connects of the internet come and no others', async () => {
  const h = await startHarness({ probe: { connectPorts: [[0, 65_535]] } });
  try {
    const port4 = await h.call('tcp4');
    const port6 = await h.call('tcp6');
    await h.call('unix', `${h.dir}/x.sock`);
    expect(await seen(h)).toEqual([`host ${port4}`, `host ${port6}`]);
  } finally {
    await h.close();
  }
});
