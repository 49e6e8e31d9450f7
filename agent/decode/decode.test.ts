import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAddress, readIp } from './address.ts';
import { decodeRecord } from './decode.ts';
import { EXEC, HEADER, KIND, MAGIC, SOCKET, SYSCALL, SYSCALL_CODES } from './layout.ts';

function header(kind: number, size: number): Buffer {
  const p = Buffer.alloc(size);
  p.writeUInt32LE(MAGIC, HEADER.magic);
  p.writeUInt16LE(kind, HEADER.kind);
  p.writeBigUInt64LE(1_234_567_890_123n, HEADER.ktime_ns);
  p.writeBigInt64LE(-13n, HEADER.res);
  p.writeUInt32LE(42, HEADER.tgid);
  p.writeUInt32LE(43, HEADER.tid);
  p.write('worker\0junk', HEADER.comm);
  return p;
}

test('reads the header: negative result, kernel time, name up to its NUL', () => {
  expect(decodeRecord(header(KIND.exit, HEADER.size))).toMatchObject({
    kind: 'exit',
    ktimeNs: 1_234_567_890_123n,
    res: -13,
    pid: 42,
    tid: 43,
    comm: 'worker',
  });
});

test('gives every record its own task name, however many there are', () => {
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 15, min: 97, max: 122 });
  fc.assert(
    fc.property(fc.array(bytes, { minLength: 2, maxLength: 2_000 }), (tasks) => {
      const names = tasks.map((task) => Buffer.from(task).toString());
      const read = names.map((name) => {
        const p = header(KIND.exit, HEADER.size);
        p.fill(0, HEADER.comm, HEADER.comm + 16).write(name, HEADER.comm);
        const record = decodeRecord(p);
        return record?.kind === 'exit' && record.comm;
      });
      expect(read).toEqual(names);
    }),
  );
});

test('reads an exec: empty arguments kept, chains turned around', () => {
  const data = 'ls\0\0-l\0/bin/ls\0ls\0bin\0usr\0b\0a\0';
  const p = Buffer.concat([header(KIND.exec, EXEC.size), Buffer.from(data)]);
  for (const [at, length] of [
    [EXEC.args_len, 7],
    [EXEC.filename_len, 8],
    [EXEC.exe_len, 11],
    [EXEC.cwd_len, 4],
  ] as const) {
    p.writeUInt16LE(length, at);
  }
  expect(decodeRecord(p)).toMatchObject({
    argv: ['ls', '', '-l'],
    filename: '/bin/ls',
    exepath: '/usr/bin/ls',
    cwd: '/a/b',
  });
});

test('reads the root directory from an empty chain', () => {
  expect(decodeRecord(header(KIND.exec, EXEC.size))).toMatchObject({ cwd: '/', exepath: '/' });
});

test.each([
  ['shorter than the header', Buffer.alloc(HEADER.size - 1)],
  ['of an unknown kind', header(99, 500)],
  ['of a short exec', header(KIND.exec, EXEC.size - 1)],
  ['of an unknown syscall', header(KIND.syscall, SYSCALL.size)],
  ['of a hello that is not JSON', Buffer.concat([header(KIND.hello, HEADER.size), Buffer.from('{"a')])],
  [
    'of a hello of another protocol',
    Buffer.concat([header(KIND.hello, HEADER.size), Buffer.from('{"protocol":2}')]),
  ],
])('refuses a payload %s', (_, payload) => {
  expect(decodeRecord(payload)).toBeUndefined();
});

test('refuses string lengths that run past the payload', () => {
  const p = header(KIND.syscall, SYSCALL.size + 8);
  p.writeUInt16LE(SYSCALL_CODES.unlink, HEADER.syscall);
  p.writeUInt16LE(9, SYSCALL.len);
  expect(decodeRecord(p)).toBeUndefined();
  p.writeUInt16LE(8, SYSCALL.len);
  expect(decodeRecord(p)).toMatchObject({ name: 'unlink' });
});

// Holds: never throws, and every string is no longer than its bytes. Does not say that values make sense.
test('decodes or refuses any bytes without throwing', () => {
  const kinds = fc.constantFrom(...Object.values(KIND), 0, 65_535);
  const codes = fc.constantFrom(...Object.values(SYSCALL_CODES), 0, 999);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), kinds, codes, (bytes, kind, code) => {
      const p = Buffer.from(bytes);
      if (p.length >= HEADER.size) {
        p.writeUInt16LE(kind, HEADER.kind);
        p.writeUInt16LE(code, HEADER.syscall);
      }
      const record = decodeRecord(p);
      if (record?.kind === 'exec') expect(record.argv.join('').length).toBeLessThanOrEqual(p.length);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ['7f000001', 2, '127.0.0.1'],
  ['00000000000000000000000000000001', 10, '::1'],
  ['00000000000000000000ffff0a000001', 10, '10.0.0.1'],
  ['20010db8000000000001000000000001', 10, '2001:db8::1:0:0:1'],
  ['20010db8000100020003000400050006', 10, '2001:db8:1:2:3:4:5:6'],
  ['00000000000000000000000000000000', 10, '::'],
])('writes address %s of family %i as %s', (hex, family, text) => {
  expect(readIp(Buffer.from(hex, 'hex'), 0, family)).toBe(text);
});

test('reads socket addresses, abstract names with @, and refuses short ones', () => {
  expect(readAddress(Buffer.from('020000507f000001', 'hex'))).toEqual({
    ip: '127.0.0.1',
    port: 80,
    path: '',
  });
  const path = Buffer.concat([Buffer.from([1, 0]), Buffer.from('/run/x\0trash')]);
  expect(readAddress(path)?.path).toBe('/run/x');
  const abstract = Buffer.concat([Buffer.from([1, 0, 0]), Buffer.from('hidden')]);
  expect(readAddress(abstract)?.path).toBe('@hidden');
  expect(readAddress(Buffer.from('0200', 'hex'))).toBeUndefined();
  expect(SOCKET.size - SOCKET.sockaddr).toBe(112);
});
