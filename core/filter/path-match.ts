import { globMatcher } from '../fields/glob.ts';

type Trie = {
  end: boolean;
  readonly exact: Map<string, Trie>;
  readonly globs: {
    readonly text: string;
    readonly match: (component: string) => boolean;
    readonly next: Trie;
  }[];
};

const GLOB_CHARS = /[*?[]/;

/** Whether a path component is a pattern; without one of these characters it is compared as it stands. */
export function isGlob(component: string): boolean {
  return GLOB_CHARS.test(component);
}

/** Components of a path, empty ones dropped. */
export function components(path: string): string[] {
  return path.split('/').filter((part) => part !== '');
}

/** Matcher of `pmatch`: the path equals one of the given paths or lies below one. */
export function pathMatcher(paths: readonly string[]): (path: string) => boolean {
  const root = newTrie();
  for (const path of paths) {
    let at = root;
    for (const part of components(path)) at = child(at, part);
    at.end = true;
  }
  return (path) => covers(root, components(path), 0);
}

function newTrie(): Trie {
  return { end: false, exact: new Map(), globs: [] };
}

function child(trie: Trie, part: string): Trie {
  if (isGlob(part)) {
    const known = trie.globs.find((glob) => glob.text === part);
    if (known) return known.next;
    const next = newTrie();
    trie.globs.push({ text: part, match: globMatcher(part), next });
    return next;
  }
  const known = trie.exact.get(part);
  if (known) return known;
  const next = newTrie();
  trie.exact.set(part, next);
  return next;
}

function covers(trie: Trie, parts: readonly string[], index: number): boolean {
  if (trie.end) return true;
  const part = parts[index];
  if (part === undefined) return false;
  const exact = trie.exact.get(part);
  if (exact && covers(exact, parts, index + 1)) return true;
  return trie.globs.some((glob) => glob.match(part) && covers(glob.next, parts, index + 1));
}
