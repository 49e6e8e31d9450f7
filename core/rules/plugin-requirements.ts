import type { PluginVersionItem } from './items.ts';

type Alternatives = PluginVersionItem['alternatives'];

/** Plugins whose fields are built in, at the versions whose fields these are. */
const BUILT_IN: ReadonlyMap<string, string> = new Map([
  ['k8saudit', '0.18.0'],
  ['json', '0.7.3'],
  ['container', '0.7.1'],
]);

/**
 * Why rules with these requirements cannot run here, in the words with which Falco refuses to start; undefined
 * when they can. Falco's validation does not ask. Source: falcosecurity/falco check_plugin_requirements.
 */
export function pluginFault(required: readonly Alternatives[]): string | undefined {
  for (const alternatives of required) {
    const wanted = alternatives.find(({ name }) => BUILT_IN.has(name));
    if (wanted === undefined) {
      const list = alternatives.map(({ name, version }) => `${name} (>= ${version})`).join(', ');
      return `Plugin requirement not satisfied, must load one of: ${list}`;
    }
    const { name, version } = wanted;
    const ours = BUILT_IN.get(name) ?? '';
    if (!isCompatible(ours, version)) {
      return `Plugin '${name}' version '${ours}' is not compatible with required plugin version '${version}'`;
    }
  }
  return undefined;
}

/** Same major version, and at least what is required. */
function isCompatible(ours: string, required: string): boolean {
  const [a, b] = [ours, required].map((text) => text.split('.', 3).map((part) => Number.parseInt(part, 10)));
  const [major, minor, patch] = [0, 1, 2].map((i) => (a?.[i] ?? 0) - (b?.[i] ?? 0));
  if (major !== 0 || minor === undefined || patch === undefined) return false;
  return minor > 0 || (minor === 0 && patch >= 0);
}
