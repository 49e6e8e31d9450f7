import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Pool } from 'pg';
import { z } from 'zod';
import { loadRules } from '../../core/rules/load.ts';
import type { Ruleset } from '../../core/rules/ruleset.ts';
import type { Ctx } from '../context.ts';

export type RulesFile = { readonly name: string; readonly text: string };
export type ServerRuleset = {
  readonly ruleset: Ruleset;
  readonly version: string;
  /** In load order: what ships with the product, then what an administrator stored. */
  readonly files: readonly RulesFile[];
};

/** `setting` key of the administrator's files. */
export const RULES_KEY = 'rules';
const storedFilesSchema = z.object({
  files: z.array(z.object({ name: z.string().max(253), text: z.string().max(4 * 1024 * 1024) })).max(100),
});

const CACHE_MS = 5_000;
type Cached = { readonly source: string; readonly loaded: ServerRuleset; until: number };
const cache = new WeakMap<Pool, Cached>();

/**
 * The ruleset that this server's agents should run and that audit webhooks are checked with. Files are read
 * again every few seconds, and compiled only when they changed. Stored files that do not load are left out,
 * with an error in the log: the shipped rules go on working.
 * Errors: when the shipped rules themselves do not load.
 */
export async function serverRuleset(
  ctx: Pick<Ctx, 'pool' | 'config' | 'log' | 'now'>,
): Promise<ServerRuleset> {
  const now = ctx.now().getTime();
  const known = cache.get(ctx.pool);
  if (known !== undefined && now < known.until) return known.loaded;
  const shipped = await shippedFiles(ctx.config.rulesDir);
  const stored = await storedFiles(ctx);
  const source = JSON.stringify([shipped, stored]);
  const loaded = known?.source === source ? known.loaded : load(ctx, shipped, stored);
  cache.set(ctx.pool, { source, loaded, until: now + CACHE_MS });
  return loaded;
}

function load(
  ctx: Pick<Ctx, 'log' | 'config'>,
  shipped: readonly RulesFile[],
  stored: readonly RulesFile[],
): ServerRuleset {
  const all = [...shipped, ...stored];
  const whole = loadRules(all);
  if (whole.ok && whole.ruleset !== undefined)
    return { ruleset: whole.ruleset, version: whole.ruleset.version, files: all };
  const base = stored.length === 0 ? whole : loadRules([...shipped]);
  if (!base.ok || base.ruleset === undefined)
    throw new Error(`the rules in ${ctx.config.rulesDir} do not load`);
  ctx.log.error(
    { results: whole.results },
    'stored rules files do not load; only the shipped rules are in force',
  );
  return { ruleset: base.ruleset, version: base.ruleset.version, files: shipped };
}

async function shippedFiles(dir: string): Promise<readonly RulesFile[]> {
  const names = (await readdir(dir)).filter((name) => /\.ya?ml$/.test(name)).sort();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(join(dir, name), 'utf8') })));
}

async function storedFiles(ctx: Pick<Ctx, 'pool' | 'log'>): Promise<readonly RulesFile[]> {
  const found = await ctx.pool.query<{ value: unknown }>('SELECT value FROM setting WHERE key = $1', [
    RULES_KEY,
  ]);
  if (found.rows[0] === undefined) return [];
  const parsed = storedFilesSchema.safeParse(found.rows[0].value);
  if (parsed.success) return parsed.data.files;
  ctx.log.error({ fault: parsed.error.message }, `setting ${RULES_KEY} is not usable`);
  return [];
}
