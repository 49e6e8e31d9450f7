import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { hashInputs } from './build.ts';
import { cacheDir, ROOT } from './paths.ts';
import { timed } from './report.ts';
import { runLogged } from './run.ts';

/**
 * Bundles the agent into one file, so that it runs where the checkout and node_modules are out of reach.
 * Returns the folder holding agent.mjs and rulesets/.
 */
export async function ensureAgentBundle(): Promise<string> {
  const hash = hashInputs(['agent', 'core', 'rulesets', 'package-lock.json']);
  const target = join(cacheDir(), 'agent', hash);
  if (existsSync(join(target, 'agent.mjs')) && existsSync(join(target, 'rulesets'))) return target;
  await timed('bundling the agent', async () => {
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    await runLogged('agent-bundle', 'rolldown', [
      join(ROOT, 'agent', 'entry.ts'),
      '--file',
      join(target, 'agent.mjs'),
      '--format',
      'esm',
      '--platform',
      'node',
    ]);
    cpSync(join(ROOT, 'rulesets'), join(target, 'rulesets'), { recursive: true });
  });
  return target;
}
