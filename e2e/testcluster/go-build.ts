import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from './command.ts';
import { cacheDir } from './paths.ts';

export type BuildOptions = { readonly log?: ((line: string) => void) | undefined };

const KUBE_VERSION = '1.36.3';
const VERSION_PACKAGE = 'k8s.io/component-base/version';
const KUBE_VARIABLES = {
  gitVersion: `v${KUBE_VERSION}`,
  gitMajor: '1',
  gitMinor: '36',
  gitCommit: '0'.repeat(40),
  gitTreeState: 'clean',
  buildDate: '1970-01-01T00:00:00Z',
};
const KUBE_LDFLAGS = Object.entries(KUBE_VARIABLES)
  .map(([name, value]) => `-X ${VERSION_PACKAGE}.${name}=${value}`)
  .join(' ');
/** A cold build compiles 2,800 packages: 12 minutes on two busy cores. */
const BUILD_TIMEOUT_MS = 45 * 60_000;

/** Path of the multi-call Kubernetes binary, built when no build of these sources is cached. */
export function buildKube(options: BuildOptions = {}): Promise<string> {
  return goBuild('kube', ['-tags', 'providerless', '-ldflags', `-s -w ${KUBE_LDFLAGS}`], options);
}

/** Path of the static program that test containers run, built when no build of these sources is cached. */
export function buildNetkit(options: BuildOptions = {}): Promise<string> {
  return goBuild('netkit', ['-ldflags', '-s -w'], options);
}

async function goBuild(name: string, flags: readonly string[], options: BuildOptions): Promise<string> {
  const source = join(import.meta.dirname, name);
  const dir = join(cacheDir(), name, sourceHash(source, [process.arch, ...flags]));
  const binary = join(dir, name);
  if (existsSync(binary)) return binary;
  const version = await run('go', ['version']).catch(() => undefined);
  if (version?.code !== 0)
    throw new Error(
      'the test cluster is compiled from Go modules and `go` (1.26 or newer) is not on PATH: ' +
        'install it from https://go.dev/dl/ and put its bin directory on PATH',
    );
  mkdirSync(dir, { recursive: true });
  options.log?.(`building ${name} (the first time takes minutes; afterwards it is cached in ${dir})`);
  const started = Date.now();
  // Renamed into place, so that a build that was cut off never looks finished.
  const partial = `${binary}.${process.pid}`;
  const result = await run('go', ['build', '-trimpath', ...flags, '-o', partial, '.'], {
    cwd: source,
    env: { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
    timeoutMs: BUILD_TIMEOUT_MS,
  });
  if (result.code !== 0) {
    rmSync(partial, { force: true });
    throw new Error(`go build of ${name} failed:\n${result.stderr.trim().slice(-4_000)}`);
  }
  renameSync(partial, binary);
  options.log?.(`built ${name} in ${((Date.now() - started) / 1_000).toFixed(1)} s`);
  return binary;
}

function sourceHash(dir: string, extra: readonly string[]): string {
  const hash = createHash('sha256');
  const files = readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(go|mod|sum)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  for (const file of files)
    hash
      .update(`${relative(dir, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.update(extra.join('\0')).digest('hex');
}
