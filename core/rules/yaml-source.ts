import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, Scalar } from 'yaml';
import { type FilePosition, type Location, RuleFault } from './result.ts';

/** Deepest nesting of collections; Falco's own files stay below 8. */
const DEPTH_MAX = 100;
/** Nodes of one file, aliases counted each time they are used: a bomb of aliases ends here. */
const NODES_MAX = 1_000_000;

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
  let nodes = 0;
  const convert = (
    node: Node | null | undefined,
    resolve: (alias: Node) => Node | undefined,
    fallback: number,
    depth: number,
  ): YamlNode => {
    const offset = node?.range?.[0] ?? fallback;
    const position = at(offset);
    if (++nodes > NODES_MAX) return fail(`file has more than ${NODES_MAX} YAML nodes`, offset);
    if (depth > DEPTH_MAX) return fail(`nesting is deeper than ${DEPTH_MAX}`, offset);
    if (node === null || node === undefined) return { kind: 'null', position };
    if (isAlias(node)) {
      const target = resolve(node);
      return target ? convert(target, resolve, offset, depth + 1) : fail('unknown alias', offset);
    }
    if (isScalar(node)) return scalar(node, position);
    if (isSeq(node)) {
      const items = node.items.map((item) => convert(item as Node | null, resolve, offset, depth + 1));
      return { kind: 'list', items, position };
    }
    if (!isMap(node)) return { kind: 'null', position };
    const entries = new Map<string, YamlNode>();
    const keys = new Map<string, FilePosition>();
    for (const pair of node.items) {
      const key = pair.key as Node | null;
      const keyOffset = key?.range?.[0] ?? offset;
      const text = isScalar(key) ? String(key.value ?? '') : '';
      entries.set(text, convert(pair.value as Node | null, resolve, keyOffset, depth + 1));
      keys.set(text, at(keyOffset));
    }
    return { kind: 'map', entries, keys, position };
  };
  const converted = documents.map((document) => {
    const [error] = document.errors;
    if (error) return fail(error.message, error.pos[0]);
    const resolve = (alias: Node): Node | undefined => (isAlias(alias) ? alias.resolve(document) : undefined);
    return convert(document.contents as Node | null, resolve, document.range?.[0] ?? 0, 0);
  });
  return { documents: converted, root };
}

const NULL_TEXT = /^(?:|~|null|Null|NULL)$/;

function scalar(node: Scalar, position: FilePosition): YamlNode {
  const text = String(node.value ?? '');
  const plain = node.type === Scalar.PLAIN || node.type === undefined;
  if (plain && NULL_TEXT.test(text)) return { kind: 'null', position };
  return { kind: 'scalar', text, plain, position };
}
