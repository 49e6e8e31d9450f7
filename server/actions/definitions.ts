import type { ActionKind } from '../../core/wire/actions.ts';
import { cordon, uncordon } from './node-schedule.ts';
import type { ActionDefinition } from './plan.ts';
import { quarantine } from './quarantine.ts';
import { release } from './release.ts';

/** Every action there is; a kind without a definition does not typecheck. */
export const ACTIONS: Record<ActionKind, ActionDefinition> = { cordon, uncordon, quarantine, release };
