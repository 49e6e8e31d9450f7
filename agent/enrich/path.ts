/** Absolute, normalised path of what was passed: `.`, `..` and `//` removed, joined with its directory. */
export function resolvePath(path: string, base: string): string {
  const absolute = path.startsWith('/') ? path : `${base}/${path}`;
  if (!/\/\/|\/\.|\/$/.test(absolute)) return absolute;
  const parts: string[] = [];
  for (const part of absolute.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}
