import { expect, test } from 'vitest';
import { loadRules } from './load.ts';
import { pluginFault } from './plugin-requirements.ts';

test.each([
  ['a built-in plugin', [[{ name: 'k8saudit', version: '0.7.0' }]]],
  [
    'one alternative of several',
    [
      [
        { name: 'k8saudit-eks', version: '9.0.0' },
        { name: 'k8saudit', version: '0.18.0' },
      ],
    ],
  ],
  ['nothing', []],
])('%s is satisfied', (_, required) => {
  expect(pluginFault(required)).toBeUndefined();
});

test('an unknown plugin is refused as Falco refuses to start', () => {
  const required = [
    [
      { name: 'cloudtrail', version: '0.2.3' },
      { name: 'okta', version: '0.1.0' },
    ],
  ];
  expect(pluginFault(required)).toBe(
    'Plugin requirement not satisfied, must load one of: cloudtrail (>= 0.2.3), okta (>= 0.1.0)',
  );
});

test.each(['0.18.1', '0.19.0', '1.0.0'])('version %s of a built-in plugin is too new', (version) => {
  expect(pluginFault([[{ name: 'k8saudit', version }]])).toBe(
    `Plugin 'k8saudit' version '0.18.0' is not compatible with required plugin version '${version}'`,
  );
});

test('validation does not ask for plugins, loading tells it', () => {
  const text = '- required_plugin_versions:\n  - name: cloudtrail\n    version: 0.2.3\n';
  const loaded = loadRules([{ name: 'r', text }]);
  expect(loaded.ok).toBe(true);
  expect(loaded.pluginFault).toContain('must load one of: cloudtrail');
});
