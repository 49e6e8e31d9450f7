import type { ListInfo } from './collector.ts';
import type { TracedText } from './traced-text.ts';

/** Longest condition after expansion; the parser refuses more anyway. */
const EXPANDED_CHARS_MAX = 256 * 1024;

export type ExpandedList = { readonly name: string; readonly items: readonly string[] };

/**
 * Items of every list with references to earlier lists replaced by those lists' own items, one level deep
 * as Falco does it. `used` receives the names of referenced lists.
 */
export function expandLists(
  lists: ReadonlyMap<string, ListInfo>,
  used: Set<string>,
): readonly ExpandedList[] {
  return [...lists.values()].map((list) => ({
    name: list.name,
    items: list.items.flatMap((item) => {
      const other = lists.get(item);
      if (!other || other.index >= list.visibility) return [item];
      used.add(other.name);
      return other.items;
    }),
  }));
}

const BLANKS = ' \t\n\r';
const DELIMITERS = `${BLANKS}(),=`;

function quote(item: string): string {
  return item.includes(' ') && !item.startsWith('"') && !item.startsWith("'") ? `"${item}"` : item;
}

const WORD_END = /[ \t\n\r(),=]+/;

/** Lists by name, for finding those that a condition names without asking for each. */
export class ListExpander {
  readonly #lists: readonly ExpandedList[];
  readonly #order = new Map<string, number>();
  /** Names with a delimiter in them are no words: they are looked for in every condition. */
  readonly #oddNames: readonly number[];

  constructor(lists: readonly ExpandedList[]) {
    this.#lists = lists;
    const odd: number[] = [];
    for (const [i, { name }] of lists.entries()) {
      this.#order.set(name, i);
      if (WORD_END.test(name)) odd.push(i);
    }
    this.#oddNames = odd;
  }

  /**
   * Replaces list names in a condition by their items, textually, before parsing, and in the order of the
   * lists' definitions: what one list puts in, a later one may replace. `used` receives the names.
   */
  expand(condition: TracedText, used: Set<string>): TracedText {
    let text = condition;
    const waiting = new Set(this.#oddNames);
    this.#find(condition.text, -1, waiting);
    while (waiting.size > 0 && text.text.length <= EXPANDED_CHARS_MAX) {
      const next = Math.min(...waiting);
      waiting.delete(next);
      const list = this.#lists[next];
      if (!list) continue;
      const expanded = expandList(text, list);
      if (expanded === text) continue;
      text = expanded;
      used.add(list.name);
      for (const item of list.items) this.#find(item, next, waiting);
    }
    return text;
  }

  #find(text: string, after: number, waiting: Set<number>): void {
    for (const word of text.split(WORD_END)) {
      const index = this.#order.get(word);
      if (index !== undefined && index > after) waiting.add(index);
    }
  }
}

/** Every mention of one list; the same text when there is none. */
function expandList(condition: TracedText, list: ExpandedList): TracedText {
  let text = condition;
  const items = list.items.map(quote).join(', ');
  for (let start = text.text.indexOf(list.name); start >= 0; ) {
    const end = start + list.name.length;
    if (!delimited(text.text, start, end)) {
      start = text.text.indexOf(list.name, start + 1);
      continue;
    }
    const [from, to] = widen(text.text, start, end, items === '');
    text = text.replace(from, to, `${from > 0 ? ' ' : ''}${items} `);
    if (text.text.length > EXPANDED_CHARS_MAX) return text;
    start = text.text.indexOf(list.name, from + items.length + 2);
  }
  return text;
}

function delimited(text: string, start: number, end: number): boolean {
  const before = start === 0 || DELIMITERS.includes(text[start - 1] ?? '');
  return before && (end >= text.length || DELIMITERS.includes(text[end] ?? ''));
}

/** Takes in adjacent blanks, and one neighbouring comma when nothing replaces the name. */
function widen(text: string, start: number, end: number, empty: boolean): readonly [number, number] {
  let from = start;
  let to = end;
  while (from > 0 && BLANKS.includes(text[from - 1] ?? '')) from--;
  while (to < text.length && BLANKS.includes(text[to] ?? '')) to++;
  if (!empty) return [from, to];
  if (from > 0 && text[from - 1] === ',') return [from - 1, to];
  return text[to] === ',' ? [from, to + 1] : [from, to];
}
