import type { CommandState } from '../../core/wire/commands.ts';

export const OPEN_STATES = ['requested', 'delivered', 'running'] as const;

/** Which states a command may go to from each; the end states go nowhere. */
export const NEXT: Record<CommandState, readonly CommandState[]> = {
  requested: ['delivered', 'running', 'done', 'failed', 'expired', 'cancelled'],
  delivered: ['running', 'done', 'failed', 'expired', 'cancelled'],
  running: ['done', 'failed', 'cancelled'],
  done: [],
  failed: [],
  expired: [],
  cancelled: [],
};

/** States from which `to` can be reached: the condition of every update, so that a lost race changes nothing. */
export function statesBefore(to: CommandState): CommandState[] {
  return (Object.keys(NEXT) as CommandState[]).filter((from) => NEXT[from].includes(to));
}
