import {
  COMPARE_OPERATORS,
  LIST_OPERATORS,
  MODIFIERS,
  NUMBER_OPERATORS,
  STRING_OPERATORS,
} from '../filter/ast.ts';
import type { Entry, ExceptionItem } from './items.ts';
import { RuleFault } from './result.ts';

const MODIFIABLE: readonly string[] = [...COMPARE_OPERATORS, ...STRING_OPERATORS];
const LIST_COMPS: ReadonlySet<string> = new Set([
  ...LIST_OPERATORS,
  ...MODIFIABLE.flatMap((operator) => MODIFIERS.map((modifier) => `${operator} ${modifier}`)),
]);
const COMPS: ReadonlySet<string> = new Set([...MODIFIABLE, ...NUMBER_OPERATORS, 'exists', ...LIST_COMPS]);

function invalid(message: string, exception: ExceptionItem): never {
  throw new RuleFault('LOAD_ERR_VALIDATE', message, exception.chain);
}

const isText = (entry: Entry): entry is { readonly text: string } => 'text' in entry;
const normal = (text: string): string => text.trim().replace(/\s+/g, ' ');

/**
 * Checks fields and comps and fills in default comps. `isField` false = the source is unknown, so fields
 * cannot be checked. Errors: throws RuleFault.
 */
export function checkException(
  exception: ExceptionItem,
  isField: false | ((text: string) => boolean),
): ExceptionItem {
  const { fields, comps } = exception;
  if (!fields) return exception;
  if (isText(fields)) {
    const comp = comps ?? { text: 'in' };
    if (!isText(comp)) return invalid('Fields and comps must both be strings', exception);
    const text = normal(comp.text);
    if (!LIST_COMPS.has(text)) {
      return invalid(
        'When fields is a single value, comps must be one of (in, pmatch, intersects) or an operator with a oneof, anyof or allof modifier',
        exception,
      );
    }
    checkField(fields, exception, isField);
    return { ...exception, comps: { text } };
  }
  const given = comps ?? { items: fields.items.map(() => ({ text: '=' })) };
  if (isText(given) || given.items.length !== fields.items.length) {
    return invalid('Fields and comps lists must have equal length', exception);
  }
  const texts = given.items.map((item) => (isText(item) ? normal(item.text) : ''));
  const wrong = texts.find((text) => !COMPS.has(text));
  if (wrong !== undefined) invalid(`'${wrong}' is not a supported comparison operator`, exception);
  for (const field of fields.items) checkField(field, exception, isField);
  return { ...exception, comps: { items: texts.map((text) => ({ text })) } };
}

function checkField(
  field: Entry,
  exception: ExceptionItem,
  isField: false | ((text: string) => boolean),
): void {
  const text = isText(field) ? field.text : '';
  if (isField && !isField(text)) invalid(`'${text}' is not a supported filter field`, exception);
}

/** A value with blanks needs quotes to be one token. */
function quote(text: string): string {
  return text.includes(' ') && !text.startsWith('"') && !text.startsWith("'") ? `"${text}"` : text;
}

/** Condition text of one checked exception, without the `and not` before it; empty without values. */
export function exceptionText(exception: ExceptionItem): string {
  const { fields, comps, values } = exception;
  if (!fields || !comps || values.length === 0) return '';
  if (isText(fields) || isText(comps)) {
    const items = values.map((value) =>
      isText(value)
        ? quote(value.text)
        : invalid('Expected values array to contain a list of strings', exception),
    );
    const field = isText(fields) ? fields.text : '';
    return `(${field} ${isText(comps) ? comps.text : ''} (${items.join(', ')}))`;
  }
  const rows = values.map((value) => {
    const cells = isText(value) ? [] : value.items;
    if (cells.length !== fields.items.length)
      invalid('Fields and values lists must have equal length', exception);
    const parts = cells.map((cell, i) => {
      const field = fields.items[i];
      const comp = comps.items[i];
      const comparison = comp && isText(comp) ? comp.text : '=';
      return `${field && isText(field) ? field.text : ''} ${comparison} ${cellText(cell, comparison)}`;
    });
    return `(${parts.join(' and ')})`;
  });
  return `(${rows.join(' or ')})`;
}

function cellText(cell: Entry, comparison: string): string {
  if (!isText(cell)) {
    return `(${cell.items.map((item) => (isText(item) ? quote(item.text) : '')).join(', ')})`;
  }
  if (!LIST_COMPS.has(comparison)) return quote(cell.text);
  return cell.text.startsWith('(') ? cell.text : `(${cell.text})`;
}
