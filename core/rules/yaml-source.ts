import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, Scalar } from 'yaml';
import { type FilePosition, type Location, RuleFault } from './result.ts';

/** Deepest nesting of collections; Falco's own files stay below 8. */
const DEPTH_MAX = 100;
/** Nodes of one file, aliases counted each time they are used: a bomb of aliases ends here. */
const NODES_MAX = 200_000;

/** A YAML node detached from the library: texts as written, positions kept. */
export type YamlNode = { readonly position: FilePosition } & (
  | { readonly kind: 'null' }
  | { readonly kind: 'scalar'; readonly text: string; readonly plain: boolean }
  | { readonly kind: 'list'; readonly items: readonly YamlNode[] }
  | {
      readonly kind: 'map';
      readonly entries: ReadonlyMap<string, YamlNode>;
      readonly keys: ReadonlyMap<string, FilePosition>;
    }
);

export type YamlFile = { readonly documents: readonly YamlNode[]; readonly root: Location };

/**
 * Reads the documents of a rules file. Scalars keep their text, so that `yes`, `0x10` and `1.0` stay what
 * the author wrote. Errors: throws RuleFault with code LOAD_ERR_YAML_PARSE.
 */
export function readYaml(name: string, text: string): YamlFile {
  const lines = new LineCounter();
  const at = (offset: number): FilePosition => {
    const { line, col } = lines.linePos(offset);
    return { name, line: Math.max(line - 1, 0), column: Math.max(col - 1, 0), offset };
  };
  const root: Location = {
    itemType: 'rules content',
    itemName: '',
    position: { name, line: 0, column: 0, offset: 0 },
  };
  const fail = (message: string, offset: number): never => {
    const position = at(offset);
    throw new RuleFault('LOAD_ERR_YAML_PARSE', message, [root, { ...root, position }]);
  };
  const tooDeep = deepPlace(text);
  if (tooDeep !== undefined) return fail(`nesting is deeper than ${DEPTH_MAX}`, tooDeep);
  const tooMany = placeOf(text, INDICATORS, INDICATORS_MAX);
  if (tooMany !== undefined) return fail(`file has more than ${NODES_MAX} YAML nodes`, tooMany);
  const tooLong = placeOf(text, DOCUMENT_START, DOCUMENTS_MAX);
  if (tooLong !== undefined) return fail(`file has more than ${DOCUMENTS_MAX} YAML documents`, tooLong);
  let documents: ReturnType<typeof parseAllDocuments>;
  try {
    documents = parseAllDocuments(text, {
      schema: 'failsafe',
      lineCounter: lines,
      prettyErrors: false,
      uniqueKeys: false,
    });
  } catch (error) {
    if (error instanceof RangeError) return fail(`nesting is deeper than ${DEPTH_MAX}`, 0);
    throw error;
  }
  if (!Array.isArray(documents)) return { documents: [], root };
  const budget = { nodes: NODES_MAX };
  const converted = documents.map((document) => {
    const [error] = document.errors;
    if (error) {
      // The library catches its own running out of stack and calls that an error of the text.
      const deep = /call stack/.test(error.message);
      return fail(deep ? `nesting is deeper than ${DEPTH_MAX}` : error.message, error.pos[0]);
    }
    const converter = new Converter({ at, fail, budget });
    return converter.convert(document.contents as Node | null, document.range?.[0] ?? 0, 0);
  });
  return { documents: converted, root };
}

/**
 * Place where brackets or dashes nest so deep that parsing would take time out of proportion. Quotes and
 * comments are not looked at, so the bound lies far above DEPTH_MAX, which holds for what is really nested.
 */
function deepPlace(text: string): number | undefined {
  const dashes = DASHES.exec(text);
  if (dashes) return dashes.index;
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === OPEN_BRACKET || code === OPEN_BRACE) {
      if (++open > OPEN_MAX) return i;
    } else if ((code === CLOSE_BRACKET || code === CLOSE_BRACE) && open > 0) open--;
  }
  return undefined;
}

/** What makes nodes, wherever it stands: so much of it is no rules file, and parsing it would take too long. */
const INDICATORS = /[,[{&*:"'>|!\n]/g;
const INDICATORS_MAX = 120_000;
const DOCUMENT_START = /^---/gm;
const DOCUMENTS_MAX = 10_000;

/** Place of the first match beyond `most`. */
function placeOf(text: string, pattern: RegExp, most: number): number | undefined {
  let count = 0;
  for (const found of text.matchAll(pattern)) if (++count > most) return found.index;
  return undefined;
}

const OPEN_MAX = 8 * DEPTH_MAX;
const DASHES = new RegExp(`(?:[-?:][ \\t]+){${4 * DEPTH_MAX}}`);
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

type ConverterOptions = {
  readonly at: (offset: number) => FilePosition;
  readonly fail: (message: string, offset: number) => never;
  readonly budget: { nodes: number };
};

/** Converts one document. An alias shares its anchor's node, and costs as many nodes as the anchor did. */
class Converter {
  readonly #options: ConverterOptions;
  readonly #anchors = new Map<string, { readonly node: YamlNode; readonly size: number }>();

  constructor(options: ConverterOptions) {
    this.#options = options;
  }

  convert(node: Node | null | undefined, fallback: number, depth: number): YamlNode {
    const { at, fail, budget } = this.#options;
    const offset = node?.range?.[0] ?? fallback;
    const before = budget.nodes;
    this.#spend(1, offset);
    if (depth > DEPTH_MAX) return fail(`nesting is deeper than ${DEPTH_MAX}`, offset);
    if (node === null || node === undefined) return { kind: 'null', position: at(offset) };
    if (isAlias(node)) {
      const target = this.#anchors.get(node.source);
      if (!target) return fail(`unknown alias '${node.source}'`, offset);
      this.#spend(target.size, offset);
      return target.node;
    }
    const converted = this.#collectionOrScalar(node, offset, depth);
    const { anchor } = node as { anchor?: string };
    if (anchor) this.#anchors.set(anchor, { node: converted, size: before - budget.nodes });
    return converted;
  }

  #spend(nodes: number, offset: number): void {
    const { budget, fail } = this.#options;
    budget.nodes -= nodes;
    if (budget.nodes < 0) fail(`file has more than ${NODES_MAX} YAML nodes`, offset);
  }

  #collectionOrScalar(node: Node, offset: number, depth: number): YamlNode {
    const { at } = this.#options;
    const position = at(offset);
    if (isScalar(node)) return scalar(node, position);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(item as Node | null, offset, depth + 1));
      return { kind: 'list', items, position };
    }
    if (!isMap(node)) return { kind: 'null', position };
    const entries = new Map<string, YamlNode>();
    const keys = new Map<string, FilePosition>();
    for (const pair of node.items) {
      const key = pair.key as Node | null;
      const keyOffset = key?.range?.[0] ?? offset;
      const text = isScalar(key) ? String(key.value ?? '') : '';
      entries.set(text, this.convert(pair.value as Node | null, keyOffset, depth + 1));
      keys.set(text, at(keyOffset));
    }
    return { kind: 'map', entries, keys, position };
  }
}

const NULL_TEXT = /^(?:|~|null|Null|NULL)$/;

function scalar(node: Scalar, position: FilePosition): YamlNode {
  const text = String(node.value ?? '');
  const plain = node.type === Scalar.PLAIN || node.type === undefined;
  if (plain && NULL_TEXT.test(text)) return { kind: 'null', position };
  return { kind: 'scalar', text, plain, position };
}
