import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { kubeAccess } from './kube-config.ts';

const dir = mkdtempSync(join(tmpdir(), 'eyrie-kubeconfig-'));
afterAll(() => rmSync(dir, { recursive: true }));
let count = 0;

function access(cluster: Record<string, unknown>, user: Record<string, unknown> = {}, context = 'a') {
  const path = join(dir, `config-${count++}`);
  const config = {
    'current-context': context,
    clusters: [{ name: 'c', cluster }],
    contexts: [{ name: 'a', context: { cluster: 'c', user: 'u' } }],
    users: [{ name: 'u', user }],
  };
  writeFileSync(path, JSON.stringify(config));
  return kubeAccess(path);
}

const base64 = (text: string) => Buffer.from(text).toString('base64');

test('reads inline certificates, and files relative to the kubeconfig', () => {
  writeFileSync(join(dir, 'ca.pem'), 'CA');
  const found = access(
    { server: 'https://h:1/', 'certificate-authority': 'ca.pem', 'tls-server-name': 'api' },
    { 'client-certificate-data': base64('CERT'), 'client-key-data': base64('KEY') },
  );
  expect(found).toMatchObject({
    server: 'https://h:1',
    ca: 'CA',
    cert: 'CERT',
    key: 'KEY',
    serverName: 'api',
    verify: true,
  });
  expect(found.token()).toBeUndefined();
});

test('reads a token file anew for every request', () => {
  writeFileSync(join(dir, 'token'), 'one\n');
  const found = access({ server: 'https://h' }, { tokenFile: 'token' });
  expect(found.token()).toBe('one');
  writeFileSync(join(dir, 'token'), 'two\n');
  expect(found.token()).toBe('two');
});

test.each([
  [{ server: 'http://h' }, {}, 'a', /not encrypted/],
  [{ server: 'ftp://h' }, {}, 'a', /clusters\[0\]/],
  [{ server: 'https://h' }, {}, 'other', /context "other" names no known cluster/],
  [{ server: 'https://h' }, { exec: { command: 'aws' } }, 'a', /exec\) is not supported/],
  [{ server: 'https://h', 'certificate-authority': 'absent' }, {}, 'a', /absent/],
])('refuses %j %j', (cluster, user, context, message) => {
  expect(() => access(cluster, user, context)).toThrow(message);
});
