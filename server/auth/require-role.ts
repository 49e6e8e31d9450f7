import { ROLES, type Role } from '../../core/wire/auth.ts';
import type { Actor, Ctx } from '../context.ts';
import { AppError } from '../errors.ts';

/** Refuses an actor below the role. Eyrie itself (`system`) passes; agents and webhooks never do. */
export function requireRole(ctx: Pick<Ctx, 'actor'>, role: Role): void {
  const { actor } = ctx;
  if (actor.kind === 'system') return;
  if ('role' in actor && ROLES.indexOf(actor.role) >= ROLES.indexOf(role)) return;
  const have = 'role' in actor ? `the role ${actor.role}` : `a token for sending only`;
  throw new AppError('forbidden', `This needs the role ${role}; ${actor.name} has ${have}.`, {
    reason: 'role_missing',
  });
}

/** Refuses every actor that is not of the kind: the ingest verbs take agents or webhooks and nobody else. */
export function requireActor<K extends Actor['kind']>(
  ctx: Pick<Ctx, 'actor'>,
  kind: K,
): Extract<Actor, { kind: K }> {
  if (ctx.actor.kind !== kind || ('id' in ctx.actor && ctx.actor.id === '')) {
    throw new AppError('forbidden', `This needs a token of kind ${kind}.`, { reason: 'actor_kind' });
  }
  return ctx.actor as Extract<Actor, { kind: K }>;
}

/** Name under which an actor stands in timelines and the audit trail. */
export function actorName(actor: Actor): string {
  return actor.kind === 'system' ? 'Eyrie' : actor.name;
}
