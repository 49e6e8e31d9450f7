import { resolve } from 'node:path';
import { z } from 'zod';

const count = (min: number, max: number, preset: number) =>
  z.coerce.number().int().min(min).max(max).default(preset);
const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$/, 'lower-case name, at most 63 characters');

/**
 * The server's environment; the only place in server/ that reads it. An empty variable counts as absent.
 * Defaults stand here and nowhere else.
 */
const envSchema = z.object({
  /** postgres:// or postgresql:// URL of PostgreSQL >= 15 with pg_trgm available. */
  DATABASE_URL: z.string().regex(/^postgres(ql)?:\/\//, 'must begin with postgresql://'),
  /** Directory for files that belong to this installation: first-run token, evidence. */
  EYRIE_DATA_DIR: z.string().default('./data'),
  EYRIE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']).default('info'),
  /** Connections of each of the two pools; the embedded server allows 60 in all. Three jobs hold one each. */
  EYRIE_POOL_MAX: count(5, 200, 10),
  /** Ingest transactions at the same time; more wait, and beyond twice as many are told to come back. */
  EYRIE_INGEST_CONCURRENCY: count(1, 64, 4),
  /** 1 on a plain database, 64 where the store is distributed; must never shrink (docs/store.md). */
  EYRIE_SHARD_BUCKETS: count(1, 64, 1),
  EYRIE_CLUSTER_ID: label.default('default'),
  EYRIE_CLUSTER_NAME: z.string().min(1).max(253).optional(),
  /** Directory of the rules that ship with the product. */
  EYRIE_RULES_DIR: z.string().default('./rulesets'),
  KUBECONFIG: z.string().optional(),
});

export type ServerConfig = {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly logLevel: string;
  readonly poolMax: number;
  readonly ingestConcurrency: number;
  readonly shardBuckets: number;
  readonly clusterId: string;
  readonly clusterName: string;
  readonly rulesDir: string;
  /** Absent = in-cluster identity, else no cluster access. */
  readonly kubeconfig: string | undefined;
};

/** Reads the environment once at start. Errors: one error that lists every fault. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): ServerConfig {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = envSchema.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`the environment is not usable:\n${faults.join('\n')}`);
  }
  const value = parsed.data;
  return {
    databaseUrl: value.DATABASE_URL,
    dataDir: resolve(value.EYRIE_DATA_DIR),
    logLevel: value.EYRIE_LOG_LEVEL,
    poolMax: value.EYRIE_POOL_MAX,
    ingestConcurrency: value.EYRIE_INGEST_CONCURRENCY,
    shardBuckets: value.EYRIE_SHARD_BUCKETS,
    clusterId: value.EYRIE_CLUSTER_ID,
    clusterName: value.EYRIE_CLUSTER_NAME ?? value.EYRIE_CLUSTER_ID,
    rulesDir: resolve(value.EYRIE_RULES_DIR),
    kubeconfig: value.KUBECONFIG,
  };
}
