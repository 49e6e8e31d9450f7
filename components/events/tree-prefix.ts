/** Branch drawing before each line of a tree given by depths: `└─`, `├─` where a sibling follows, `│` above it. */
export function treePrefixes(depths: readonly number[]): string[] {
  return depths.map((depth, index) => {
    if (depth <= 0) return '';
    let prefix = '';
    for (let level = 1; level < depth; level += 1) prefix += hasSibling(depths, index, level) ? '│ ' : '  ';
    return `${prefix}${hasSibling(depths, index, depth) ? '├─' : '└─'}`;
  });
}

/** Whether a later line continues `level` before the tree goes above it. */
function hasSibling(depths: readonly number[], index: number, level: number): boolean {
  for (const depth of depths.slice(index + 1)) {
    if (depth < level) return false;
    if (depth === level) return true;
  }
  return false;
}
