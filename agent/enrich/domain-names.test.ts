import { afterEach, expect, test } from 'vitest';
import { DomainNames, resolveDomain } from './domain-names.ts';

let names: DomainNames | undefined;
afterEach(() => names?.stop());

const table: Record<string, readonly string[]> = {
  'a.test': ['192.0.2.1', '192.0.2.2'],
  'b.test': ['192.0.2.2', '2001:db8::1'],
};
function make(): DomainNames {
  names = new DomainNames({
    resolve: async (name) => {
      const found = table[name];
      if (found === undefined) throw new Error('ENOTFOUND');
      return found;
    },
  });
  return names;
}

test('knows all asked names of an address, and none that is not asked', async () => {
  const domains = make();
  await domains.ask(new Set(['a.test', 'b.test']));
  expect(Object.fromEntries(domains.byAddress)).toEqual({
    '192.0.2.1': ['a.test'],
    '192.0.2.2': ['a.test', 'b.test'],
    '2001:db8::1': ['b.test'],
  });
  await domains.ask(new Set(['b.test']));
  expect([...domains.byAddress.keys()]).toEqual(['192.0.2.2', '2001:db8::1']);
  await domains.ask(new Set());
  expect([domains.byAddress.size, domains.health]).toEqual([0, undefined]);
});

test('says which names have no address', async () => {
  const domains = make();
  await domains.ask(new Set(['a.test', 'gone.test']));
  expect(domains.health?.detail).toBe('1 of 2 names that rules ask for have no address from here: gone.test');
});

test('the last asked names win, whatever is still being looked up', async () => {
  const domains = make();
  await Promise.all([domains.ask(new Set(['a.test'])), domains.ask(new Set(['b.test']))]);
  expect(domains.byAddress.get('192.0.2.2')).toEqual(['b.test']);
});

test('asks the resolver of the machine', async () => {
  expect(await resolveDomain('localhost', undefined)).toContain('127.0.0.1');
});
