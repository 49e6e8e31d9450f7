/** Rule that matches the agent's own harmless marker; its alerts prove the path and count as no alert. */
export const CANARY_RULE = 'Eyrie canary';

const MARKER = /\beyrie-canary-(\d{13})-[0-9a-f]{8}\b/;

/** Argument of the marked program: the moment of the trigger by the node's clock, and a number of its own. */
export function canaryMarker(atMs: number, unique: number): string {
  return `eyrie-canary-${Math.trunc(atMs)}-${(unique >>> 0).toString(16).padStart(8, '0')}`;
}

/** When the marker in a command line was made; undefined when there is none. */
export function canaryTriggeredMs(cmdline: string): number | undefined {
  const found = MARKER.exec(cmdline)?.[1];
  return found === undefined ? undefined : Number(found);
}
