import type { EngineEvent } from '../../core/events/syscall.ts';

/** For each rule, events that it must match and events that it must leave alone. */
export type RuleCases = Readonly<
  Record<string, { readonly fires: readonly EngineEvent[]; readonly silent: readonly EngineEvent[] }>
>;
