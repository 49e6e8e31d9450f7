import { describe, expect, it } from 'vitest';
import type { AgentList, AgentRow } from '../../core/wire/agents.ts';
import { agentSummary } from './agent-health.tsx';

const list = (...agents: readonly (readonly [string, AgentRow['state']])[]): Pick<AgentList, 'agents'> => ({
  agents: agents.map(([node, state]) => ({ node, state }) as AgentRow),
});

describe('agentSummary', () => {
  it('counts a node whose only agent is silent as blind', () => {
    const summary = agentSummary(list(['a', 'silent'], ['b', 'healthy']));
    expect(summary).toMatchObject({ reporting: 1, total: 2, priority: 3 });
    expect(summary.silent.map(({ node }) => node)).toEqual(['a']);
  });

  it('leaves out a silent agent that another one on its node has replaced', () => {
    expect(agentSummary(list(['a', 'silent'], ['a', 'healthy']))).toMatchObject({
      reporting: 1,
      total: 1,
      priority: null,
      silent: [],
    });
  });

  it('warns while an agent is degraded', () => {
    expect(agentSummary(list(['a', 'degraded'], ['b', 'healthy'])).priority).toBe(4);
  });
});
