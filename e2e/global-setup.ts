import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HANDED } from './support/environment.ts';
import { startProduct } from './support/product.ts';
import { CLUSTER_NAME_VARIABLE } from './testcluster/paths.ts';
import { TestCluster } from './testcluster/test-cluster.ts';

/**
 * Starts the product once for all specs, or takes one that runs: with EYRIE_E2E_URL, _TOKEN, _STATE and
 * EYRIE_TEST_CLUSTER set, specs can be run again and again against it. Shape: the tear-down.
 */
export default async function globalSetup(): Promise<() => Promise<void>> {
  if (process.env[HANDED.url] !== undefined) return async () => undefined;
  process.env[CLUSTER_NAME_VARIABLE] = 'e2e';
  if (TestCluster.attach() !== undefined)
    throw new Error('the tests run already; or take their cluster down: ./eyrie cluster down --name e2e');
  const started = Date.now();
  const seconds = (since: number) => ((Date.now() - since) / 1_000).toFixed(1);
  const product = await startProduct((line) => process.stderr.write(`  launcher: ${line}\n`));
  process.stderr.write(`product and cluster ready after ${seconds(started)} s\n`);
  const state = mkdtempSync(join(tmpdir(), 'eyrie-e2e-state-'));
  process.env[HANDED.url] = product.url;
  process.env[HANDED.token] = product.firstRunToken;
  process.env[HANDED.state] = state;
  return async () => {
    const stopping = Date.now();
    rmSync(state, { recursive: true, force: true });
    await product.stop();
    process.stderr.write(`everything stopped after ${seconds(stopping)} s\n`);
  };
}
