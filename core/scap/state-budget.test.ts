import { expect, it } from 'vitest';
import { CaptureReader } from './capture-reader.ts';
import { CaptureWriter } from './capture-writer.ts';
import type { ThreadTable } from './thread-table.ts';

type Read = { readonly table: ThreadTable | undefined; readonly warnings: string[]; readonly events: number };

/** What a capture leaves behind, read while it is written. */
function read(write: (writer: CaptureWriter) => void): Read {
  const warnings: string[] = [];
  let table: ThreadTable | undefined;
  let events = 0;
  const reader = new CaptureReader({ onWarning: ({ message }) => warnings.push(message) });
  write(
    new CaptureWriter({
      sink: (bytes) =>
        reader.push(bytes, (event) => {
          table = event.table;
          events++;
        }),
    }),
  );
  return { table, warnings, events };
}

const READ_EVENT = { type: 6, timeNs: 1n, tid: 1, params: [0, 1] };
const TOO_MUCH = /^the capture holds too much: /;

function processes(from: number, count: number, envBytes: number) {
  return Array.from({ length: count }, (_, i) => ({
    tid: from + i,
    pid: from + i,
    ptid: 0,
    comm: 'x',
    env: [`${i}=`.padEnd(envBytes, 'e')],
  }));
}

it('keeps everything of a machine with five thousand processes', () => {
  const { table, warnings } = read((writer) => {
    writer.processes(processes(1, 5_000, 4_000));
    writer.event(READ_EVENT);
  });
  expect(warnings).toEqual([]);
  expect(table?.get(5_000)?.env[0]?.length).toBe(4_000);
});

it('forgets long texts first, follows all threads, and says so once', () => {
  const { table, warnings } = read((writer) => {
    for (let from = 1; from < 30_000; from += 1_000) writer.processes(processes(from, 1_000, 4_000));
    writer.event(READ_EVENT);
  });
  expect(warnings.length).toBe(1);
  expect(warnings[0]).toMatch(TOO_MUCH);
  expect(table?.get(1)?.env).toEqual([]);
  expect(table?.get(30_000)?.comm).toBe('x');
});

it('follows no more threads than the memory holds and shows their events all the same', () => {
  const { table, warnings, events } = read((writer) => {
    for (let tid = 1; tid <= 100_000; tid++) writer.event({ ...READ_EVENT, tid });
  });
  expect(events).toBe(100_000);
  expect(warnings.at(-1)).toMatch(TOO_MUCH);
  expect([...(table?.values() ?? [])].length).toBeLessThan(70_000);
});

it('keeps so many users, containers and addresses and no more', () => {
  const { table, warnings } = read((writer) => {
    const name = { name: 'n', home: '/', shell: '/' };
    writer.users(Array.from({ length: 20_000 }, (_, uid) => ({ kind: 'user', uid, gid: 0, ...name })));
    const address = { name: 'e', netmask: 0xff, broadcast: 0 };
    writer.interfaces(Array.from({ length: 5_000 }, (_, i) => ({ ...address, address: i })));
    writer.event(READ_EVENT);
    for (let id = 0; id < 10_000; id++) {
      const json = JSON.stringify({ container: { id: `${id}`, name: 'c'.repeat(3_000) } });
      writer.event({ type: 272, timeNs: 1n, tid: 1, params: [json] });
    }
  });
  expect(warnings.map((text) => text.replace(TOO_MUCH, ''))).toEqual([
    'more users and groups are not kept',
    'more network addresses are not kept',
    'container events tell too much',
  ]);
  expect(table?.user(16_383, undefined)?.name).toBe('n');
  expect(table?.user(16_384, undefined)).toBeUndefined();
  expect(table?.containers.size).toBeLessThan(6_000);
});
