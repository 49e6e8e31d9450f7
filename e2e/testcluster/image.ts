import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { must } from './command.ts';
import { type TarEntry, tar } from './tar.ts';

export type ImageSpec = { readonly reference: string; readonly entrypoint: readonly string[] };

export const PAUSE_IMAGE = 'testcluster.local/pause:1';
export const WORKLOAD_IMAGE = 'testcluster.local/shop/checkout:1.4.2';

/** Shells and tools of the host with their libraries: unlike busybox applets they exec under their own names. */
const HOST_PROGRAMS = [
  '/bin/dash',
  '/bin/bash',
  '/bin/cat',
  '/usr/bin/id',
  '/bin/ls',
  '/usr/bin/head',
  '/bin/cp',
];
/** Debian's static busybox crashes in wget; curl stands in for it. */
const APPLETS_LEFT_OUT = new Set(['wget', 'busybox', 'sh', ...HOST_PROGRAMS.map((path) => basename(path))]);

/** An image archive that `ctr images import` takes. Source: docker-archive v1.2 (manifest.json, config, layer). */
export function imageArchive(spec: ImageSpec, entries: readonly TarEntry[]): Buffer {
  const layer = tar(entries);
  const layerId = sha256(layer);
  const config = Buffer.from(
    JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      created: '1970-01-01T00:00:00Z',
      config: { Entrypoint: spec.entrypoint, Env: ['PATH=/usr/sbin:/usr/bin:/sbin:/bin'], WorkingDir: '/' },
      rootfs: { type: 'layers', diff_ids: [`sha256:${layerId}`] },
    }),
  );
  const configName = `${sha256(config)}.json`;
  const manifest = [{ Config: configName, RepoTags: [spec.reference], Layers: [`${layerId}/layer.tar`] }];
  return tar([
    { kind: 'file', path: configName, data: config },
    { kind: 'file', path: `${layerId}/layer.tar`, data: layer },
    { kind: 'file', path: 'manifest.json', data: Buffer.from(JSON.stringify(manifest)) },
  ]);
}

/** The sandbox image: one static program that waits and reaps, compiled from pause.c. */
export async function pauseImage(workDir: string): Promise<Buffer> {
  const binary = join(workDir, 'pause');
  await must('gcc', ['-Os', '-static', '-s', '-o', binary, join(import.meta.dirname, 'pause.c')]);
  return imageArchive({ reference: PAUSE_IMAGE, entrypoint: ['/pause'] }, [program('pause', binary)]);
}

/** The workload's image: a small Linux with shells, coreutils, busybox and netkit (also under the name curl). */
export async function workloadImage(netkit: string): Promise<Buffer> {
  const applets = (await must('/usr/bin/busybox', ['--list'])).split('\n').filter(Boolean);
  const libraries = new Set<string>();
  for (const path of HOST_PROGRAMS) {
    const listing = await must('ldd', [path]);
    for (const [, library] of listing.matchAll(/(\/\S+\.so\S*) \(0x/g)) if (library) libraries.add(library);
  }
  const files = new Map<string, TarEntry>();
  const add = (entry: TarEntry) => files.set(entry.path, entry);
  for (const dir of [
    'bin',
    'usr',
    'usr/bin',
    'usr/sbin',
    'etc',
    'proc',
    'dev',
    'sys',
    'root',
    'var',
    'var/log',
    'srv',
  ])
    add({ kind: 'directory', path: dir });
  add({ kind: 'directory', path: 'tmp', mode: 0o1777 });
  for (const library of libraries) {
    for (let dir = dirname(library); dir !== '/'; dir = dirname(dir))
      add({ kind: 'directory', path: dir.slice(1) });
    add(program(library.slice(1), library));
  }
  for (const applet of applets)
    if (!APPLETS_LEFT_OUT.has(applet))
      add({ kind: 'symlink', path: `bin/${applet}`, target: '/bin/busybox' });
  add(program('bin/busybox', '/usr/bin/busybox'));
  for (const path of HOST_PROGRAMS) add(program(path.slice(1), path));
  add({ kind: 'symlink', path: 'bin/sh', target: '/bin/dash' });
  add(program('usr/bin/netkit', netkit));
  add({ kind: 'symlink', path: 'usr/bin/curl', target: '/usr/bin/netkit' });
  for (const [path, text, mode] of ETC_FILES) add({ kind: 'file', path, data: Buffer.from(text), mode });
  // Parents come before their children: plain sorting of paths does that.
  const sorted = [...files.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
  return imageArchive({ reference: WORKLOAD_IMAGE, entrypoint: ['/usr/bin/netkit'] }, sorted);
}

const ETC_FILES: readonly [path: string, text: string, mode: number][] = [
  ['etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nshop:x:1000:1000:shop:/srv:/bin/sh\n', 0o644],
  ['etc/group', 'root:x:0:\nshop:x:1000:\n', 0o644],
  ['etc/shadow', 'root:*:19000:0:99999:7:::\nshop:*:19000:0:99999:7:::\n', 0o600],
  ['var/log/app.log', 'started\n', 0o644],
];

function program(path: string, source: string): TarEntry {
  return { kind: 'file', path, data: readFileSync(source), mode: 0o755 };
}

function sha256(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
