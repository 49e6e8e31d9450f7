import { type ResolvedField, RULE_CATALOGUE, resolveField } from '../fields/catalogue.ts';
import { fdTypeName } from '../fields/fd-text.ts';
import type { CheckNode } from './ast.ts';
import { readInteger } from './literal.ts';
import { COMM_BYTES_MAX, FLAG_OPENS, PATH_OPENS, SOCKET_CALLS } from './prefilter-facts.ts';
import {
  boolTerms,
  constantTerms,
  fdTypeTerms,
  literals,
  numberRanges,
  numberTerms,
  verdict,
} from './prefilter-leaf.ts';
import { openTerms } from './prefilter-open.ts';
import { ALL_NUMBERS, complement, MEMBERS_MAX, type Range, union } from './prefilter-set.ts';
import { socketTerms } from './prefilter-socket.ts';
import { both, EVERYTHING, either, type Terms } from './prefilter-term.ts';
import { utf8Length } from './text.ts';

/**
 * Events of one type of which a check may be true or, negated, may be false: the field is missing, or its
 * value does not satisfy the operator. What the kernel cannot evaluate may be either, in both polarities.
 * `type` undefined stands for every type.
 */
export function checkTerms(check: CheckNode, type: string | undefined, negated: boolean): Terms {
  if (check.left.kind !== 'field') return EVERYTHING;
  const { right, modifier } = check;
  if (right?.kind === 'field' || right?.kind === 'transform') return EVERYTHING;
  const field = resolveField(check.left, RULE_CATALOGUE);
  if (typeof field === 'string') return EVERYTHING;
  if (!modifier || right?.kind !== 'list') return fieldTerms(field, check, type, negated);
  const { items } = right;
  if (items.length === 0 || items.length > MEMBERS_MAX) return EVERYTHING;
  // `oneof` asks for any of them and more; not `oneof` may also mean two of them.
  if (modifier === 'oneof' && negated) return EVERYTHING;
  const each = items.map((item) =>
    fieldTerms(field, { ...check, modifier: undefined, right: item }, type, negated),
  );
  return (modifier === 'allof') !== negated ? each.reduce(both) : each.reduce(either);
}

function fieldTerms(
  field: ResolvedField,
  check: CheckNode,
  type: string | undefined,
  negated: boolean,
): Terms {
  const { def } = field;
  if (def.class === 'container' || def.class === 'k8s') return containerTerms(field, check, negated);
  switch (def.name) {
    case 'evt.type':
      return type === undefined ? EVERYTHING : constantTerms(check, type, negated);
    case 'evt.dir':
      return constantTerms(check, '<', negated);
    case 'proc.name':
      return commTerms(check, negated);
    case 'user.uid':
      return numberTerms('uid', numberRanges(check, readInteger), negated);
    case 'evt.rawres':
      return numberTerms('res', numberRanges(check, readInteger), negated);
    case 'evt.failed':
      return boolTerms(check, negated, { whenTrue: [{ res: FAILED }], whenFalse: [{ res: SUCCEEDED }] });
    case 'evt.res':
      return resultTerms(check, negated);
    default:
      return type === undefined ? EVERYTHING : typedTerms(field, check, type, negated);
  }
}

/** Fields of which only some types of event say anything to the kernel. */
function typedTerms(field: ResolvedField, check: CheckNode, type: string, negated: boolean): Terms {
  const isOpen = PATH_OPENS.has(type) || FLAG_OPENS.has(type);
  if (PATH_OPENS.has(type) || SOCKET_CALLS.has(type)) {
    switch (field.def.name) {
      case 'fd.typechar':
        return fdTypeTerms(check, negated, (typechar) => typechar);
      case 'fd.type':
        return fdTypeTerms(check, negated, fdTypeName);
      case 'fd.sockfamily':
        return fdTypeTerms(check, negated, socketFamily);
      default:
    }
  }
  if (isOpen) return openTerms(field, check, type, negated);
  return SOCKET_CALLS.has(type) ? socketTerms(field.def.name, check, type, negated) : EVERYTHING;
}

function socketFamily(typechar: string): string | undefined {
  if (typechar === '4' || typechar === '6') return 'ip';
  return typechar === 'u' ? 'unix' : undefined;
}

/** Fields that say `host` outside containers. */
const SAYS_HOST: ReadonlySet<string> = new Set([
  'container.id',
  'container.full_id',
  'container.name',
  'container.type',
]);
const IN_CONTAINER: Terms = [{ container: true }];

/**
 * Outside containers these fields are missing or say `host`. That an event is the host's cannot be asked
 * for: what looks like a container's cgroup may be another one.
 */
function containerTerms({ def, argument }: ResolvedField, check: CheckNode, negated: boolean): Terms {
  if (def.name === 'container.info') return EVERYTHING;
  const saysHost = SAYS_HOST.has(def.name) && argument === undefined;
  if (check.operator === 'exists') return negated || saysHost ? EVERYTHING : IN_CONTAINER;
  const onHost = saysHost && verdict(check, 'host');
  if (negated) return onHost ? IN_CONTAINER : EVERYTHING;
  return onHost ? EVERYTHING : IN_CONTAINER;
}

function commTerms(check: CheckNode, negated: boolean): Terms {
  const { operator } = check;
  const differs = operator === '!=';
  if (!differs && !EQUALITIES.has(operator)) return EVERYTHING;
  const texts = new Set(literals(check).map((item) => item.text));
  if (texts.size > MEMBERS_MAX) return EVERYTHING;
  // Longer names are compared in vain: a thread has none.
  const names = [...texts].filter((text) => text !== '' && utf8Length(text) <= COMM_BYTES_MAX);
  if (differs !== negated) return names.length > 0 ? [{ comm: { notIn: names } }] : EVERYTHING;
  // Bytes that are no UTF-8 are shown as U+FFFD: such a name may stand for other bytes.
  return names.some((name) => name.includes('\ufffd')) ? EVERYTHING : [{ comm: { in: names } }];
}

const EQUALITIES: ReadonlySet<string> = new Set(['=', '==', 'in', 'intersects']);
const [[FIRST, LAST] = [0, 0]] = ALL_NUMBERS;
const SUCCEEDED: readonly Range[] = [[0, LAST]];
const FAILED: readonly Range[] = complement(SUCCEEDED);

/** Errors that rules name. Source: errno(3), Linux on x86-64 and arm64. */
const ERRORS: ReadonlyMap<string, number> = new Map([
  ['EPERM', -1],
  ['ENOENT', -2],
  ['EAGAIN', -11],
  ['EACCES', -13],
  ['EEXIST', -17],
  ['EINPROGRESS', -115],
]);

function resultTerms(check: CheckNode, negated: boolean): Terms {
  if (check.operator === 'exists') return EVERYTHING;
  const success = verdict(check, 'SUCCESS') !== negated ? SUCCEEDED : [];
  let failure = FAILED;
  if (EQUALITIES.has(check.operator) && !negated) {
    const names = literals(check).flatMap((item) => (item.text === 'SUCCESS' ? [] : [item.text]));
    const codes = names.map((name) => ERRORS.get(name));
    if (!codes.includes(undefined)) failure = codes.map((code): Range => [code ?? FIRST, code ?? -1]);
  }
  return numberTerms('res', union([...success, ...failure]), false);
}
