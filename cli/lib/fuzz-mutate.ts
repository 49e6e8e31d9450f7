import type { Random } from './fuzz-random.ts';

/** Longest input; now and then one of LARGE_CHARS looks for what grows faster than its input. */
const SMALL_CHARS = 4_096;
const LARGE_CHARS = 128 * 1024;
const LARGE_ONE_IN = 2_000;

const ODD = [
  '\0',
  '\n',
  '\r',
  '\t',
  '\b',
  ' ',
  '\\',
  '"',
  "'",
  '\ud800',
  '\udfff',
  '\u2028',
  'é',
  '😀',
  '%',
  '\u007f',
];

/** Changes a text in one to four places: cuts, repeats, swaps, odd characters, words of the trade, other seeds. */
export function mutateText(
  random: Random,
  seed: string,
  words: readonly string[],
  others: readonly string[],
): string {
  let text = seed;
  for (let n = 1 + random.int(4); n > 0; n--) text = mutateOnce(random, text, words, others);
  return text.slice(0, random.chance(LARGE_ONE_IN) ? LARGE_CHARS : SMALL_CHARS);
}

function mutateOnce(
  random: Random,
  text: string,
  words: readonly string[],
  others: readonly string[],
): string {
  const at = random.int(text.length + 1);
  const end = Math.min(text.length, at + 1 + random.int(random.chance(4) ? 200 : 12));
  const head = text.slice(0, at);
  const piece = text.slice(at, end);
  const tail = text.slice(end);
  switch (random.int(9)) {
    case 0:
      return head + tail;
    case 1:
      return head + piece + piece + tail;
    case 2:
      return head + piece.repeat(random.chance(20) ? 2_000 : 1 + random.int(20)) + tail;
    case 3:
      return head + random.pick(ODD) + piece + tail;
    case 4:
      return head + random.pick(ODD) + tail;
    case 5:
    case 6:
      return `${head} ${random.pick(words)} ${piece}${tail}`;
    case 7: {
      const other = random.pick(others);
      const from = random.int(other.length);
      return head + other.slice(from, from + random.int(300)) + tail;
    }
    default:
      return random.chance(2) ? head : tail;
  }
}

const JUNK: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1e308,
  2 ** 53,
  '',
  'x',
  '\0',
  '\ud800',
  '../../etc/passwd',
  '2024-13-45T99:99:99Z',
  '9999999999999999999',
  [],
  {},
  [[[[]]]],
  { kind: 'Event' },
  { length: -1 },
];
const KEYS = ['__proto__', 'constructor', 'toString', 'kind', 'name', 'items', 'annotations', 'spec', ''];
const NESTING_MAX = 400;

/** A copy of a JSON value with one to four places replaced, removed, renamed, repeated or nested. */
export function mutateJson(random: Random, seed: unknown): unknown {
  const copy: unknown = structuredClone(seed);
  let root: unknown[] = [copy];
  for (let n = 1 + random.int(4); n > 0; n--) {
    const place = randomPlace(random, root);
    if (!place) return junk(random);
    changeAt(random, place);
  }
  const [value] = root;
  root = [];
  return value;
}

type Place = { readonly parent: Record<string, unknown> | unknown[]; readonly key: string | number };

function randomPlace(random: Random, root: unknown[]): Place | undefined {
  let place: Place = { parent: root, key: 0 };
  for (let depth = 0; depth < NESTING_MAX; depth++) {
    const value = read(place);
    if (typeof value !== 'object' || value === null) return place;
    const keys = Object.keys(value);
    if (keys.length === 0 || (depth > 0 && random.chance(4))) return place;
    const key = random.pick(keys);
    place = { parent: value as Record<string, unknown>, key };
  }
  return place;
}

function read({ parent, key }: Place): unknown {
  return (parent as Record<string | number, unknown>)[key];
}

function write({ parent, key }: Place, value: unknown): void {
  Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

function changeAt(random: Random, place: Place): void {
  const value = read(place);
  switch (random.int(6)) {
    case 0:
      write(place, junk(random));
      return;
    case 1:
      if (Array.isArray(place.parent)) place.parent.splice(Number(place.key), 1);
      else delete place.parent[place.key];
      return;
    case 2:
      write({ parent: place.parent, key: Array.isArray(place.parent) ? 0 : random.pick(KEYS) }, value);
      return;
    case 3:
      write(
        place,
        Array.from({ length: 1 + random.int(50) }, () => value),
      );
      return;
    case 4: {
      let nested: unknown = value;
      for (let n = random.int(NESTING_MAX); n > 0; n--) nested = random.chance(2) ? [nested] : { a: nested };
      write(place, nested);
      return;
    }
    default:
      write(
        place,
        typeof value === 'string'
          ? value.slice(random.int(value.length + 1)) + 'x'.repeat(random.int(3_000))
          : JSON.stringify(value),
      );
  }
}

function junk(random: Random): unknown {
  return structuredClone(random.pick(JUNK));
}
