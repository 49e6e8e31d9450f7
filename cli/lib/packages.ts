import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { isRoot } from './paths.ts';
import { timed, warn } from './report.ts';
import { runLogged } from './run.ts';

/** What building the probe takes. */
export const PROBE_PACKAGES = [
  'clang-14',
  'llvm-14',
  'libbpf-dev',
  'libelf-dev',
  'zlib1g-dev',
  'bpftool',
  'gcc',
  'libc6-dev',
];
/** Who reads the captures that are written here. */
export const READER_PACKAGES = ['sysdig'];
/** What the browser tests take. */
export const BROWSER_PACKAGES = ['chromium', 'fonts-dejavu-core'];

function missing(packages: readonly string[]): string[] {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own format syntax
  const format = '${Package} ${db:Status-Status}\n';
  const result = spawnSync('dpkg-query', ['-W', '-f', format, ...packages], {
    encoding: 'utf8',
  });
  const installed = new Set(
    result.stdout
      .split('\n')
      .filter((line) => line.endsWith(' installed'))
      .map((line) => line.split(' ')[0]),
  );
  return packages.filter((name) => !installed.has(name));
}

/**
 * Installs Debian/Ubuntu packages after saying which. Without root or apt it says what is missing and
 * returns false; the caller goes on with what works.
 */
export async function ensurePackages(purpose: string, packages: readonly string[]): Promise<boolean> {
  if (!existsSync('/usr/bin/dpkg-query')) {
    warn(`${purpose}: not Debian or Ubuntu; install the equivalents of: ${packages.join(' ')}`);
    return false;
  }
  const need = missing(packages);
  if (need.length === 0) return true;
  if (!isRoot) {
    warn(
      `${purpose}: missing packages; run: sudo apt-get install -y --no-install-recommends ${need.join(' ')}`,
    );
    return false;
  }
  await timed(`${purpose}: installing ${need.join(' ')}`, async () => {
    const apt = ['-o', 'DPkg::Lock::Timeout=400', '-q'];
    const frontend = { DEBIAN_FRONTEND: 'noninteractive' };
    await runLogged('apt-update', 'apt-get', [...apt, 'update'], { env: frontend });
    await runLogged('apt-install', 'apt-get', [...apt, 'install', '-y', '--no-install-recommends', ...need], {
      env: frontend,
    });
  });
  return missing(packages).length === 0;
}

/** Unprivileged system user that Postgres and the server run as when started by root; made on first use. */
export function serviceUser(): { readonly uid: number; readonly gid: number; readonly name: string } {
  const name = 'eyrie';
  const lookup = (flag: string): number | undefined => {
    const result = spawnSync('id', [flag, name], { encoding: 'utf8' });
    return result.status === 0 ? Number(result.stdout.trim()) : undefined;
  };
  if (lookup('-u') === undefined) {
    execFileSync('useradd', [
      '--system',
      '--no-create-home',
      '--home-dir',
      '/nonexistent',
      '--shell',
      '/usr/sbin/nologin',
      name,
    ]);
  }
  const uid = lookup('-u');
  const gid = lookup('-g');
  if (uid === undefined || gid === undefined) throw new Error(`user ${name} could not be made`);
  return { uid, gid, name };
}
