import type { TestCluster } from '../testcluster/test-cluster.ts';
import { Attack } from './attack.ts';
import { IN_POD_SCENARIOS } from './in-pod.ts';
import { ON_API_SCENARIOS } from './on-api.ts';

export type Scenario = {
  readonly help: string;
  /** What the product shows when it sees everything. */
  readonly expect: readonly string[];
  readonly run: (attack: Attack) => Promise<void>;
};

export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map([
  ...Object.entries(IN_POD_SCENARIOS),
  ...Object.entries(ON_API_SCENARIOS),
]);

/** Runs one attack by name. Errors: throws on an unknown name and when a step cannot be taken at all. */
export async function runScenario(
  name: string,
  cluster: TestCluster,
  say: (line: string) => void,
): Promise<Scenario> {
  const scenario = SCENARIOS.get(name);
  if (scenario === undefined)
    throw new Error(`no scenario ${name}; there are: ${[...SCENARIOS.keys()].join(', ')}`);
  await scenario.run(new Attack(cluster, say));
  return scenario;
}
