import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheDir, ROOT } from './paths.ts';
import { timed } from './report.ts';
import { runLogged } from './run.ts';

/** What the server build depends on; a change in any of it makes the build stale. */
const INPUTS = [
  'app',
  'components',
  'core',
  'server',
  'prisma',
  'public',
  'rulesets',
  'next.config.ts',
  'proxy.ts',
  'instrumentation.ts',
  'tsconfig.json',
  'package-lock.json',
];
const SKIP = /(^|\/)(generated|node_modules)(\/|$)|\.(test|itest)\.tsx?$/;

/** Content hash of the named files and folders, tests and generated code left out. */
export function hashInputs(names: readonly string[]): string {
  const hash = createHash('sha256');
  const visit = (path: string): void => {
    const full = join(ROOT, path);
    if (SKIP.test(path) || !existsSync(full)) return;
    const entries = readdirSync(full, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      const child = `${path}/${entry.name}`;
      if (entry.isDirectory()) visit(child);
      else if (entry.isFile() && !SKIP.test(child))
        hash.update(child).update(readFileSync(join(ROOT, child)));
    }
  };
  for (const name of names) {
    const full = join(ROOT, name);
    if (!existsSync(full)) continue;
    if (/\.(ts|json)$/.test(name)) hash.update(name).update(readFileSync(full));
    else visit(name);
  }
  return hash.digest('hex').slice(0, 16);
}

/** Generates the Prisma client when the schema changed; needs no network and no engine. */
export async function ensurePrismaClient(): Promise<void> {
  const output = join(ROOT, 'prisma', 'generated');
  const stamp = join(output, '.hash');
  const want = createHash('sha256')
    .update(readFileSync(join(ROOT, 'prisma', 'schema.prisma')))
    .digest('hex');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === want) return;
  await timed('generating the database client', () =>
    runLogged('prisma-generate', 'prisma', ['generate'], {
      env: { PRISMA_SCHEMA_ENGINE_BINARY: '/bin/true' },
    }),
  );
  writeFileSync(stamp, want);
}

/**
 * Builds the server when its sources changed and returns the folder of the standalone result. Builds are
 * kept by content hash outside the checkout.
 */
export async function ensureServerBuild(): Promise<string> {
  await ensurePrismaClient();
  const hash = hashInputs(INPUTS);
  const target = join(cacheDir(), 'build', hash);
  if (existsSync(join(target, 'server.js'))) return target;
  await timed('building the server (next build, once per version)', () =>
    runLogged('next-build', 'next', ['build']),
  );
  const partial = `${target}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  cpSync(join(ROOT, '.next', 'standalone'), partial, { recursive: true, verbatimSymlinks: true });
  cpSync(join(ROOT, '.next', 'static'), join(partial, '.next', 'static'), { recursive: true });
  // Read at run time by path, so tracing does not see it.
  cpSync(join(ROOT, 'rulesets'), join(partial, 'rulesets'), { recursive: true });
  rmSync(target, { recursive: true, force: true });
  renameSync(partial, target);
  return target;
}
