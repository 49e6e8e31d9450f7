import { EventEmitter } from 'node:events';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { PrismaClient } from '../prisma/generated/client.ts';
import { readConfig, type ServerConfig } from './config.ts';
import type { Ctx } from './context.ts';
import { openDatabases } from './db/client.ts';
import { type BusMessage, startListener } from './db/listen.ts';
import { asUnavailable } from './db/unavailable.ts';
import { createLog } from './log.ts';

/**
 * In-process side of the channel `eyrie`: 'message' carries every notification of every replica, and
 * 'resync' comes after a reconnect, when notifications may have been missed: refetch.
 */
export type Bus = EventEmitter<{ message: [BusMessage]; resync: [] }>;

export type Runtime = {
  readonly config: ServerConfig;
  readonly db: PrismaClient;
  readonly pool: Pool;
  readonly log: Logger;
  readonly bus: Bus;
  /** Work to end before the database closes: jobs, watches. Called in reverse order of registration. */
  readonly onShutdown: (stop: () => Promise<void> | void) => void;
  readonly shutdown: () => Promise<void>;
};

/** Instrumentation and route bundles are separate module graphs; globalThis is what they share. */
const holder = globalThis as typeof globalThis & { eyrieRuntime?: Promise<Runtime> | undefined };

/** The one runtime of this process; the first caller builds it. A failed start is tried again by the next. */
export function getRuntime(): Promise<Runtime> {
  holder.eyrieRuntime ??= createRuntime(readConfig()).catch((err: unknown) => {
    holder.eyrieRuntime = undefined;
    throw err;
  });
  return holder.eyrieRuntime;
}

/** Builds a runtime on a database that is already migrated. */
export async function createRuntime(config: ServerConfig): Promise<Runtime> {
  const log = createLog(config.logLevel);
  const { db, pool, close } = openDatabases(config.databaseUrl, { max: config.poolMax });
  const bus: Bus = new EventEmitter();
  bus.setMaxListeners(0);
  const stops: (() => Promise<void> | void)[] = [close];
  try {
    await pool.query(
      'INSERT INTO cluster (id, name) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET name = EXCLUDED.name',
      [config.clusterId, config.clusterName],
    );
  } catch (err) {
    await close();
    throw asUnavailable(err);
  }
  stops.push(startListener({ url: config.databaseUrl, bus, log }));
  let ending: Promise<void> | undefined;
  return {
    config,
    db,
    pool,
    log,
    bus,
    onShutdown: (stop) => {
      stops.push(stop);
    },
    shutdown: () => {
      ending ??= runStops(stops, log);
      return ending;
    },
  };
}

/** Context in which Eyrie itself acts: jobs, correlation. */
export function systemContext(runtime: Runtime, name: string): Ctx {
  const { db, pool, config, log } = runtime;
  return {
    actor: { kind: 'system', name },
    requestId: name,
    now: () => new Date(),
    db,
    pool,
    config,
    log: log.child({ job: name }),
  };
}

async function runStops(stops: (() => Promise<void> | void)[], log: Logger): Promise<void> {
  for (const stop of stops.toReversed()) {
    try {
      await stop();
    } catch (err) {
      log.error({ err }, 'a part did not stop cleanly');
    }
  }
}
