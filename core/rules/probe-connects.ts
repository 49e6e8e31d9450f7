import type { Term } from '../filter/prefilter-term.ts';
import { type Prefilter, termsOf } from './prefilter.ts';

export type Ports = readonly (readonly [from: number, to: number])[];

/** Length of the probe's option. */
const RANGES_MAX = 64;
const PORT_MAX = 65_535;
const INTERNET: ReadonlySet<string> = new Set(['4', '6']);

/**
 * Server ports whose connects by processes of the host some rule can want: sorted, apart. The probe lets pass an
 * internet connect whose port, passed or in the socket, is one of them, and every connect in a container.
 * undefined: each connect of the host is needed.
 */
export function probeConnects(prefilter: Prefilter): Ports | undefined {
  const onHost = termsOf(prefilter, 'connect').filter((term) => term.container === undefined);
  const ranges: (readonly [number, number])[] = [];
  for (const term of onHost) {
    const ports = portsOf(term);
    if (ports === undefined) return undefined;
    ranges.push(...ports);
  }
  const joined = join(ranges);
  return joined.length > RANGES_MAX ? undefined : joined;
}

/** undefined when the term can hold for a connection that is not of the internet, or for any port. */
function portsOf({ serverPort, fdType }: Term): Ports | undefined {
  if (serverPort === undefined || !fdType?.every((type) => INTERNET.has(type))) return undefined;
  return serverPort
    .map(([from, to]) => [Math.max(0, from), Math.min(PORT_MAX, to)] as const)
    .filter(([from, to]) => from <= to);
}

function join(ranges: Ports): Ports {
  const joined: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((a, b) => a[0] - b[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else joined.push([from, to]);
  }
  return joined;
}
