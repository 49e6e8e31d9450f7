import type { RegexNode } from '../../../core/filter/regex-ast.ts';

/** The longest text that every match of a pattern must hold; empty where there is none. It sorts out nearly all lines. */
export function requiredLiteral(node: RegexNode): string {
  let best = '';
  let run = '';
  const end = (): void => {
    if (run.length > best.length) best = run;
    run = '';
  };
  const take = (part: RegexNode): void => {
    switch (part.kind) {
      case 'cat':
        for (const item of part.items) take(item);
        return;
      case 'set': {
        const [range] = part.ranges;
        if (part.ranges.length === 1 && range !== undefined && range[0] === range[1])
          run += String.fromCodePoint(range[0]);
        else end();
        return;
      }
      case 'repeat': {
        end();
        if (part.min > 0) take(part.item);
        end();
        return;
      }
      case 'alt':
        end();
        return;
      case 'assert':
      case 'empty':
        return;
      default:
        part satisfies never;
    }
  };
  take(node);
  end();
  return best;
}
