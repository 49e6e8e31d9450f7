import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WatchList } from './watch-list.ts';

describe('WatchList', () => {
  it('takes a path, everything below it, and any text for a star within one segment', () => {
    const list = new WatchList(['/etc/cron.*', '/home/*/.ssh/authorized_keys', '/etc/pass*d']);
    expect(list.matches('/etc/cron.d/x/y')).toBe(true);
    expect(list.matches('/etc/cron.daily')).toBe(true);
    expect(list.matches('/etc/crontab')).toBe(false);
    expect(list.matches('/home/eve/.ssh/authorized_keys')).toBe(true);
    expect(list.matches('/home/a/b/.ssh/authorized_keys')).toBe(false);
    expect(list.matches('/etc/passwd')).toBe(true);
    expect(list.matches('/etc')).toBe(false);
  });

  it.each(['etc/passwd', '', '/', '/etc/../root'])('refuses %j', (path) => {
    expect(() => new WatchList([path])).toThrow('not an absolute path');
  });

  it('agrees with a regular expression on every pattern, and stays quick on hostile ones', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 30 });
    const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '*', '.'), minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(pattern, text, (wanted, name) => {
        fc.pre(wanted !== '.' && wanted !== '..' && name !== '');
        const regex = new RegExp(`^${wanted.replaceAll('.', '\\.').replaceAll('*', '.*')}$`);
        expect(new WatchList([`/${wanted}`]).matches(`/${name}`)).toBe(regex.test(name));
      }),
    );
    const began = performance.now();
    expect(new WatchList([`/${'a*'.repeat(200)}b`]).matches(`/${'a'.repeat(4_000)}`)).toBe(false);
    expect(performance.now() - began).toBeLessThan(50);
  });
});
