import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GET } from '../app/api/v1/incidents/[id]/export/route.ts';
import { exportSchema } from '../core/wire/incidents.ts';
import { createToken } from '../server/auth/create-token.ts';
import { readConfig } from '../server/config.ts';
import { addNote } from '../server/incidents/add-note.ts';
import { createRuntime, type Runtime } from '../server/runtime.ts';
import { testContext } from '../server/testing/context.ts';
import { type TestDatabase, testDatabase } from '../server/testing/postgres.ts';
import { runExport } from './export.ts';

const holder = globalThis as typeof globalThis & { eyrieRuntime?: Promise<Runtime> | undefined };
let test: TestDatabase;
let runtime: Runtime;
let server: Server;
let dir: string;
let base: string[];
let id: number;

beforeAll(async () => {
  test = await testDatabase();
  runtime = await createRuntime(readConfig({ DATABASE_URL: test.url, EYRIE_LOG_LEVEL: 'silent' }));
  holder.eyrieRuntime = Promise.resolve(runtime);
  const ctx = testContext(test, { actor: { kind: 'system', name: 'test' } });
  const now = new Date();
  const data = { clusterId: 'default', title: 'Shell', priority: 3, firstEventAt: now, lastEventAt: now };
  ({ id } = await test.db.incident.create({ data }));
  await addNote({ ctx, input: { id, text: '=cmd' } });
  const { secret } = await createToken({ ctx, input: { name: 'cli', kind: 'api', role: 'viewer' } });
  dir = mkdtempSync(join(tmpdir(), 'eyrie-export-'));
  writeFileSync(join(dir, 'token'), `${secret}\n`);
  writeFileSync(join(dir, 'wrong'), `${secret}x\n`);
  server = createServer((req, res) => {
    const url = new URL(req.url ?? '/', 'http://localhost');
    const params = Promise.resolve({ id: url.pathname.split('/')[4] });
    void GET(new Request(url, { headers: req.headers as Record<string, string> }), { params }).then(
      async (reply) => {
        res.writeHead(reply.status, Object.fromEntries(reply.headers));
        res.end(Buffer.from(await reply.arrayBuffer()));
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = [
    '--server',
    `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    '--token-file',
    join(dir, 'token'),
  ];
});

afterAll(async () => {
  holder.eyrieRuntime = undefined;
  server?.closeAllConnections();
  server?.close();
  await runtime?.shutdown();
  await test?.drop();
  if (dir !== undefined) rmSync(dir, { recursive: true });
});

describe('eyrie export', () => {
  it('writes each format to a file that only the owner reads', async () => {
    for (const format of ['json', 'csv', 'md']) {
      const file = join(dir, `out.${format}`);
      expect(await runExport([`INC-${id}`, '--format', format, '-o', file, ...base])).toBe(0);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(readFileSync(file, 'utf8')).toContain('cmd');
    }
    const body = exportSchema.parse(JSON.parse(readFileSync(join(dir, 'out.json'), 'utf8')));
    expect(body.timeline).toHaveLength(1);
    expect(readFileSync(join(dir, 'out.csv'), 'utf8').split('\r\n')).toHaveLength(3);
  });

  it('passes on why the server refuses', async () => {
    await expect(runExport(['999', ...base])).rejects.toThrow('There is no incident INC-999');
    const wrong = [...base.slice(0, 3), join(dir, 'wrong')];
    await expect(runExport([String(id), ...wrong])).rejects.toThrow('unknown or revoked');
  });

  it('tells wrong usage with exit code 2', async () => {
    for (const argv of [[], ['x'], ['1', '2'], ['1', '--format', 'pdf'], ['1']]) {
      await expect(runExport(argv)).rejects.toMatchObject({ exitCode: 2 });
    }
  });
});
