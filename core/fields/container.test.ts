import { describe, expect, test } from 'vitest';
import type { ContainerInfo, SyscallEvent } from '../events/syscall.ts';
import { resolveField } from './catalogue.ts';
import type { Value } from './types.ts';

const nginx: ContainerInfo = {
  id: '1b0b44ab1b23',
  name: 'web',
  image: 'nginx',
  privileged: false,
  podName: undefined,
  podUid: undefined,
  namespace: undefined,
  labels: { maintainer: 'us', 'io.kubernetes.x': 'y', flag: '' },
  workload: undefined,
  serviceAccount: undefined,
  node: undefined,
  state: 'filled',
  details: {
    fullId: '1b0b44ab1b23ffff',
    type: 0,
    imageId: 'f68d',
    imageRepository: 'library/nginx',
    imageTag: 'latest',
    imageDigest: '',
    ip: '172.17.0.2',
    createdTimeNs: undefined,
    mounts: [
      { source: '/etc/ssl', dest: '/ssl', mode: 'ro', writable: false, propagation: 'rslave' },
      { source: '/var/lib/x', dest: '/data', mode: '', writable: true, propagation: 'private' },
    ],
  },
};

function read(container: ContainerInfo | undefined, name: string, argument?: string): Value | undefined {
  const field = resolveField({ name, argument });
  if (typeof field === 'string') throw new Error(field);
  const event = { source: 'syscall', timeNs: 5n, thread: { container } } as unknown as SyscallEvent;
  return field.def.bind(field.argument)(event);
}

describe('container fields', () => {
  test('name processes outside containers host, and give no image', () => {
    for (const name of ['id', 'name', 'type', 'full_id'])
      expect(read(undefined, `container.${name}`)).toBe('host');
    for (const name of ['image', 'image.tag', 'mounts', 'privileged', 'healthcheck'])
      expect(read(undefined, `container.${name}`)).toBeUndefined();
  });

  test.each([
    ['type', 'docker'],
    ['image.repository', 'library/nginx'],
    ['image.tag', 'latest'],
    ['image.id', 'f68d'],
    ['image.digest', undefined],
    ['privileged', false],
    ['mounts', '/etc/ssl:/ssl:ro:false:rslave,/var/lib/x:/data::true:private'],
    ['healthcheck', 'NONE'],
    ['labels', 'maintainer:us, flag'],
  ])('%s shows what the runtime tells', (name, value) => {
    expect(read(nginx, `container.${name}`)).toBe(value);
  });

  test('a mount is found by position, by source, and its source by destination; globs are allowed', () => {
    expect(read(nginx, 'container.mount', '1')).toBe('/var/lib/x:/data::true:private');
    expect(read(nginx, 'container.mount.dest', '/etc/*')).toBe('/ssl');
    expect(read(nginx, 'container.mount.source', '/data')).toBe('/var/lib/x');
    expect(read(nginx, 'container.mount.rdwr', '/var/lib/x')).toBe('true');
    expect(read(nginx, 'container.mount.dest', '2')).toBeUndefined();
    expect(read(nginx, 'container.mount.dest', '/proc*')).toBeUndefined();
  });

  test('only runtimes that know it tell whether a container is privileged', () => {
    const lxc = { ...nginx, details: nginx.details && { ...nginx.details, type: 1 } };
    expect(read(lxc, 'container.privileged')).toBeUndefined();
  });

  test('a live container without details reads its image name', () => {
    const live = { ...nginx, details: undefined, image: 'reg.example/a/b:1.2@sha256:aa' };
    expect(read(live, 'container.image.repository')).toBe('reg.example/a/b');
    expect(read(live, 'container.image.tag')).toBe('1.2');
    expect(read(live, 'container.image.digest')).toBe('sha256:aa');
  });
});
