import { describe, expect, it } from 'vitest';
import { type CommandEffects, findCommands } from './commands.ts';

function effects() {
  const went: string[] = [];
  const nothing = () => undefined;
  const list: CommandEffects = {
    go: (path) => went.push(path),
    setRange: nothing,
    togglePause: nothing,
    toggleTheme: nothing,
    copyLink: nothing,
    showKeys: nothing,
    signOut: nothing,
  };
  return { went, list };
}

describe('findCommands', () => {
  it('offers pages and commands without a text', () => {
    const found = findCommands('', [], effects().list);
    expect(found.map((command) => command.group)).toContain('Pages');
    expect(found.map((command) => command.label)).toContain('Sign out');
  });

  it('runs a text with operators as an event query', () => {
    const { went, list } = effects();
    findCommands('proc.name=cat and fd.name startswith /etc', [], list).at(-1)?.run();
    expect(went).toEqual(['/events?q=proc.name%3Dcat%20and%20fd.name%20startswith%20%2Fetc']);
  });

  it('cannot be broken out of by quotes in a search word', () => {
    const { went, list } = effects();
    findCommands('x" or evt.type', [], list)
      .filter((command) => command.group === 'Search')
      .at(0)
      ?.run();
    findCommands('a"b\\', [], list)
      .filter((command) => command.group === 'Search')
      .at(0)
      ?.run();
    expect(went.at(-1)).toBe(`/events?q=${encodeURIComponent('k8s.pod.name contains "ab"')}`);
  });

  it('finds incidents by number and title', () => {
    const incident = {
      id: 2041,
      title: 'Crypto miner in checkout-api',
      summary: '',
      priority: 2,
      status: 'open' as const,
      phase: 'triage' as const,
      owner: null,
      openedAt: '2026-11-21T02:46:00.000Z',
      closedAt: null,
      firstEventAt: '2026-11-21T02:46:00.000Z',
      lastEventAt: '2026-11-21T02:46:00.000Z',
      eventCount: 1,
      entities: [],
    };
    for (const text of ['2041', 'miner', 'inc-2041 crypto']) {
      expect(findCommands(text, [incident], effects().list)[0]?.id).toBe('incident-2041');
    }
  });
});
