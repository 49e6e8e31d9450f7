const PRINTABLE = /^[\x20-\x7e]*$/;
const UNPRINTABLE = /[^\x20-\x7e]/gu;
/** Doubled slashes, dot components, a slash at the end. */
const UNNORMALISED = /\/\/|(?:^|\/)\.{1,2}(?:\/|$)|.\/$/;
const encoder = new TextEncoder();

/** Without what is not printable ASCII. */
export function printable(text: string): string {
  return PRINTABLE.test(text) ? text : text.replace(UNPRINTABLE, '');
}

/** Dots for what is not printable ASCII: one for each byte, as resolved paths are kept. */
function dotted(text: string): string {
  if (PRINTABLE.test(text)) return text;
  return text.replace(UNPRINTABLE, (char) => '.'.repeat(encoder.encode(char).length));
}

/**
 * Resolves `path` against `directory` without looking at any file system: `.`, `..`, doubled and final
 * slashes go. The directory is taken as it is. Source: libsinsp concatenate_paths.
 */
export function resolvePath(directory: string, path: string): string {
  if (!path.startsWith('/')) return resolve(directory, path);
  if (path.length >= PATH_CHARS_MAX) return TOO_LONG;
  const known = absolute.get(path);
  if (known !== undefined) return known;
  const resolved = resolve('', path);
  if (absolute.size >= ABSOLUTE_MAX) absolute.clear();
  absolute.set(path, resolved);
  return resolved;
}

/** What libsinsp gives for longer ones. Source: SCAP_MAX_PATH_SIZE. */
const PATH_CHARS_MAX = 1_024;
const TOO_LONG = '/PATH_TOO_LONG';

/** Absolute paths as they were resolved: programs open the same ones again and again. */
const absolute = new Map<string, string>();
const ABSOLUTE_MAX = 4096;

function resolve(directory: string, path: string): string {
  const clean = dotted(path);
  const base = clean === '' || clean.startsWith('/') ? '' : directory;
  if (base.length + clean.length + 1 >= PATH_CHARS_MAX) return TOO_LONG;
  if (!UNNORMALISED.test(clean)) return base + clean;
  let out = base;
  for (let i = 0; i < clean.length; ) {
    const atStart = out === '' || out.endsWith('/');
    const rest = clean.length - i;
    if (clean[i] === '/' && out.endsWith('/')) i++;
    else if (clean[i] !== '.' || !atStart) out += clean[i++];
    else if (rest === 1 || clean[i + 1] === '/') i += 2;
    else if (clean[i + 1] === '.' && (rest === 2 || clean[i + 2] === '/')) {
      i += 3;
      out = parentOf(out);
    } else out += clean[i++];
  }
  return out.length > 1 && out.endsWith('/') ? out.slice(0, -1) : out;
}

/** Cuts the last component of a path that ends with a slash; nothing goes above the first character. */
function parentOf(path: string): string {
  return path.length <= 1 ? path : path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
}
