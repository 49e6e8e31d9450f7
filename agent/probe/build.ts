import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { env } from 'node:process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const SOURCE_DIR = import.meta.dirname;
const KERNEL_BTF = '/sys/kernel/btf/vmlinux';
const STEP_TIMEOUT_MS = 120_000;
const TEXT_BYTES_MAX = 64 * 1024 * 1024; // vmlinux.h is about 3 MB
const CLANGS = ['clang', 'clang-21', 'clang-19', 'clang-18', 'clang-17', 'clang-16', 'clang-15', 'clang-14'];
const ARCH: Readonly<Record<string, string>> = { x64: 'x86', arm64: 'arm64' };

export type BuildOptions = {
  /** Default: `${XDG_CACHE_HOME:-~/.cache}/eyrie/probe`. */
  readonly outDir?: string;
  readonly log?: (line: string) => void;
  /** Builds what kernels before 6.2 get, which have no typed loads from plain addresses. Default: what this one has. */
  readonly beforeLinux62?: boolean;
};

/**
 * Builds the probe for this kernel, or finds it built. Returns the binary's path.
 * The result is kept under a hash of the sources, the kernel's BTF and the compiler's name, and nothing is
 * written beside the sources. Errors: throws with the compiler's output.
 */
export async function buildProbe(options: BuildOptions = {}): Promise<string> {
  const root = options.outDir ?? defaultRoot();
  const { clang, flags, key } = await planBuild(options.beforeLinux62);
  const dir = join(root, key);
  const binary = join(dir, 'probe');
  if (await exists(binary)) return binary;
  options.log?.(`building the probe for this kernel in ${dir}`);
  await mkdir(root, { recursive: true });
  // Built aside and renamed, so that two builders at once cannot see half a result.
  const work = await mkdtemp(join(root, 'build-'));
  try {
    await compile(work, clang, flags);
    await rename(work, dir).catch(async (error: unknown) => {
      if (!(await exists(binary))) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return binary;
}

/** Path of a probe that was built before; undefined when it would have to be built first. */
export async function findBuiltProbe(): Promise<string | undefined> {
  try {
    const binary = join(defaultRoot(), (await planBuild()).key, 'probe');
    return (await exists(binary)) ? binary : undefined;
  } catch {
    return undefined; // no compiler, no BTF: nothing can have been built
  }
}

const defaultRoot = () => join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'eyrie', 'probe');

type BuildPlan = { readonly clang: string; readonly flags: readonly string[]; readonly key: string };

/** What the result depends on, and the name under which it is kept. Since Linux 6.2 there are typed loads. */
async function planBuild(beforeLinux62 = false): Promise<BuildPlan> {
  const clang = await findClang();
  const btf = await readFile(KERNEL_BTF);
  const hasCast = !beforeLinux62 && btf.includes('\0bpf_rdonly_cast\0');
  const flags = hasCast ? ['-DHAVE_RDONLY_CAST'] : [];
  const hash = createHash('sha256');
  for (const name of (await readdir(SOURCE_DIR)).sort()) {
    if (/\.[ch]$/.test(name)) hash.update(name).update(await readFile(join(SOURCE_DIR, name)));
  }
  hash.update(btf).update([clang, ...flags].join(' '));
  return { clang, flags, key: hash.digest('hex').slice(0, 16) };
}

async function compile(work: string, clang: string, flags: readonly string[]): Promise<void> {
  const arch = ARCH[process.arch];
  if (arch === undefined) throw new Error(`the probe does not support ${process.arch}`);
  const at = (name: string) => join(work, name);
  const header = await command('bpftool', ['btf', 'dump', 'file', KERNEL_BTF, 'format', 'c']);
  await writeFile(at('vmlinux.h'), header);
  await command(clang, [
    ...['-O2', '-g', '-Wall', '-Werror', '-target', 'bpf', `-D__TARGET_ARCH_${arch}`],
    ...flags,
    ...[`-I${work}`, `-I${SOURCE_DIR}`, '-c', join(SOURCE_DIR, 'probe.bpf.c'), '-o', at('probe.bpf.o')],
  ]);
  const skeleton = await command('bpftool', ['gen', 'skeleton', at('probe.bpf.o'), 'name', 'probe_bpf']);
  await writeFile(at('probe.skel.h'), skeleton);
  await command(await findHostCompiler(clang), [
    ...['-O2', '-Wall', '-Wextra', '-Werror', `-I${work}`, `-I${SOURCE_DIR}`],
    ...[join(SOURCE_DIR, 'probe.c'), join(SOURCE_DIR, 'options.c'), join(SOURCE_DIR, 'features.c')],
    ...['-o', at('probe'), '-lbpf', '-lelf', '-lz'],
  ]);
}

async function findClang(): Promise<string> {
  for (const name of CLANGS) if (await works(name)) return name;
  throw new Error('no clang found (apt-get install clang-14, or any later one)');
}

async function findHostCompiler(clang: string): Promise<string> {
  for (const name of ['cc', 'gcc']) if (await works(name)) return name;
  return clang;
}

async function works(name: string): Promise<boolean> {
  return run(name, ['--version'], { timeout: STEP_TIMEOUT_MS }).then(
    () => true,
    () => false,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function command(file: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(file, [...args], { timeout: STEP_TIMEOUT_MS, maxBuffer: TEXT_BYTES_MAX });
    return stdout;
  } catch (error) {
    const detail = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    throw new Error(`building the probe: ${file} failed: ${detail.slice(0, 4_000)}`);
  }
}
