import { stringify } from 'yaml';
import type { Preview } from '../../core/wire/actions.ts';
import type { AnyObject } from '../cluster/kube-object.ts';

type Diff = Preview['objects'][number]['diff'];
const CONTEXT = 3;
const LINES_MAX = 2_000;

/**
 * The part of an object that previews show and hash. Pods and nodes show names, labels and the fields
 * actions touch: their specs may carry secrets in env and their status changes by the second.
 */
export function visible(object: AnyObject | null): Record<string, unknown> | null {
  if (object === null) return null;
  const { metadata } = object;
  const own = Object.entries(metadata.annotations).filter(([key]) => key.startsWith('eyrie.dev/'));
  const spec = object.spec as Record<string, unknown> | undefined;
  const short = object.kind === 'Pod' || object.kind === 'Node';
  return {
    ...(object.apiVersion === undefined ? {} : { apiVersion: object.apiVersion }),
    ...(object.kind === undefined ? {} : { kind: object.kind }),
    metadata: {
      name: metadata.name,
      ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
      ...(Object.keys(metadata.labels).length === 0 ? {} : { labels: sorted(metadata.labels) }),
      ...(own.length === 0 ? {} : { annotations: sorted(Object.fromEntries(own)) }),
    },
    ...(object.kind === 'Node' ? { spec: { unschedulable: spec?.unschedulable ?? false } } : {}),
    ...(short ? {} : { spec }),
  };
}

export function toYaml(object: AnyObject | null): string | null {
  const shown = visible(object);
  return shown === null ? null : stringify(shown, { lineWidth: 0 });
}

/** Line diff with three lines of context. `line` counts in the new text, for `-` in the old one. */
export function diffLines(before: string | null, after: string | null): Diff {
  const old = split(before);
  const next = split(after);
  const all: Diff[number][] = [];
  const common = longestCommon(old, next);
  let i = 0;
  let j = 0;
  while (i < old.length || j < next.length) {
    if (i < old.length && j < next.length && old[i] === next[j]) {
      all.push({ sign: ' ', text: old[i] ?? '', line: j + 1 });
      i += 1;
      j += 1;
    } else if (i < old.length && (j >= next.length || at(common, i + 1, j) >= at(common, i, j + 1))) {
      all.push({ sign: '-', text: old[i] ?? '', line: i + 1 });
      i += 1;
    } else {
      all.push({ sign: '+', text: next[j] ?? '', line: j + 1 });
      j += 1;
    }
  }
  return all.filter((_, index) =>
    all.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).some((line) => line.sign !== ' '),
  );
}

/** Length of the longest common subsequence of the two tails at every pair of positions. */
function longestCommon(old: readonly string[], next: readonly string[]): readonly Uint16Array[] {
  const table = Array.from({ length: old.length + 1 }, () => new Uint16Array(next.length + 1));
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = next.length - 1; j >= 0; j -= 1) {
      const row = table[i];
      if (row === undefined) continue;
      row[j] =
        old[i] === next[j] ? at(table, i + 1, j + 1) + 1 : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

function at(table: readonly Uint16Array[], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

function split(text: string | null): string[] {
  return text === null ? [] : text.replace(/\n$/, '').split('\n').slice(0, LINES_MAX);
}

function sorted(record: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
