import { pino } from 'pino';
import type { ServerConfig } from '../config.ts';
import type { Actor, Ctx } from '../context.ts';
import type { TestDatabase } from './postgres.ts';

export const AGENT_ACTOR: Actor = {
  kind: 'agent',
  id: 'token-1',
  name: 'sensor',
  secretHash: '0'.repeat(64),
};
export const VIEWER_ACTOR: Actor = { kind: 'user', id: 'user-1', name: 'Vera', role: 'viewer' };

/** A context on a test database; the clock is real unless `now` is given. */
export function testContext(
  test: TestDatabase,
  change: { readonly actor?: Actor; readonly now?: () => Date; readonly config?: Partial<ServerConfig> } = {},
): Ctx {
  return {
    actor: change.actor ?? AGENT_ACTOR,
    requestId: 'test',
    now: change.now ?? (() => new Date()),
    db: test.db,
    pool: test.pool,
    log: pino({ level: 'silent' }),
    config: {
      databaseUrl: test.url,
      dataDir: '/nonexistent',
      logLevel: 'silent',
      poolMax: 8,
      ingestConcurrency: 4,
      shardBuckets: 1,
      clusterId: 'default',
      clusterName: 'default',
      rulesDir: 'rulesets',
      kubeconfig: undefined,
      ...change.config,
    },
  };
}
