import type { CheckNode } from './ast.ts';
import { readPort } from './literal.ts';
import { numberRanges, numberTerms } from './prefilter-leaf.ts';
import { EVERYTHING, either, type Terms } from './prefilter-term.ts';

/** Checks of connect, accept, bind and listen that read the two ends of the socket. */
export function socketTerms(name: string, check: CheckNode, type: string, negated: boolean): Terms {
  switch (name) {
    case 'fd.sport':
      return numberTerms('serverPort', numberRanges(check, readPort), negated);
    case 'fd.rport':
    case 'fd.lport': {
      // Which end is local depends on who asked for the connection.
      const isServerEnd = (name === 'fd.rport') === (type === 'connect');
      if (isServerEnd) return numberTerms('serverPort', numberRanges(check, readPort), negated);
      return clientPortTerms(check, negated);
    }
    case 'fd.cport':
      return clientPortTerms(check, negated);
    case 'fd.port': {
      if (negated || check.operator === '!=') return EVERYTHING;
      const ranges = numberRanges(check, readPort);
      return either(numberTerms('serverPort', ranges, false), numberTerms('clientPort', ranges, false));
    }
    default:
      return EVERYTHING;
  }
}

/** A listening socket has no client end, so a negated comparison of its port is true. */
function clientPortTerms(check: CheckNode, negated: boolean): Terms {
  return negated ? EVERYTHING : numberTerms('clientPort', numberRanges(check, readPort), negated);
}
