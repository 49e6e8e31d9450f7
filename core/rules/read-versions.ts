import { type MapNode, place, refuse, text } from './decode.ts';
import type { EngineVersionItem, PluginVersionItem } from './items.ts';
import type { Location } from './result.ts';

/** `required_engine_version`: a number N stands for 0.N.0. */
export function readEngineVersion(node: MapNode, root: Location): EngineVersionItem {
  const chain = [root, place('required_engine_version', '', node)];
  const written = text(node, 'required_engine_version', chain);
  if (/^\d{1,9}$/.test(written)) {
    return { kind: 'engine-version', version: [0, Number(written), 0], text: `0.${written}.0`, chain };
  }
  // What follows the three numbers is not looked at, as sscanf does not.
  const parts = /^\s*(\d{1,9})\.(\d{1,9})\.(\d{1,9})/.exec(written);
  if (!parts) {
    return refuse(
      `Unable to parse engine version '${written}' as a semver string. Expected "x.y.z" semver format.`,
      chain,
    );
  }
  const version = [Number(parts[1]), Number(parts[2]), Number(parts[3])] as const;
  return { kind: 'engine-version', version, text: written, chain };
}

export function readPluginVersions(node: MapNode, root: Location): readonly PluginVersionItem[] {
  const list = node.entries.get('required_plugin_versions') ?? node;
  const outer = [root, place('required plugin versions', '', list)];
  if (list.kind !== 'list') refuse('Value of required_plugin_versions must be a sequence', outer);
  return list.items.map((plugin) => {
    const entry = [...outer, place('required plugin versions entry', '', plugin)];
    if (plugin.kind !== 'map') refuse('Plugin version must be a mapping', entry);
    const name = text(plugin, 'name', entry);
    const chain = [...outer, place('required plugin versions entry', name, plugin)];
    const alternatives = [{ name, version: text(plugin, 'version', chain) }];
    const others = plugin.entries.get('alternatives');
    if (others && others.kind !== 'list')
      refuse('Value of plugin version alternatives must be a sequence', chain);
    for (const other of others?.kind === 'list' ? others.items : []) {
      const inner = [...chain, place('required plugin versions alternative', '', other)];
      if (other.kind !== 'map') refuse('Plugin version alternative must be a mapping', inner);
      alternatives.push({ name: text(other, 'name', inner), version: text(other, 'version', inner) });
    }
    return { kind: 'plugin-version', alternatives, chain };
  });
}
