import { expect, test } from 'vitest';
import { treePrefixes } from './tree-prefix.ts';

test('draws a chain and its last branches', () => {
  expect(treePrefixes([0, 1, 2, 3, 3, 3])).toEqual(['', '└─', '  └─', '    ├─', '    ├─', '    └─']);
});

test('carries an open branch past deeper lines', () => {
  expect(treePrefixes([0, 1, 2, 1])).toEqual(['', '├─', '│ └─', '└─']);
});
