import type { EventDef } from './event-defs.ts';

export type CaptureWarning = { readonly offset: number; readonly message: string };

/**
 * What a consumer makes of all events of a type: it wants to see them, its filter refuses them (see
 * CaptureReader.push), or they are of no concern to it.
 */
export type Interest = 'wanted' | 'refused' | 'ignored';

export type CaptureOptions = {
  /** Events as Falco 0.44 sees them: exit events only, carrying the parameters of their enter events. */
  readonly exitOnly?: boolean;
  /** Deliver events of internal categories too (procinfo, drop …). */
  readonly showInternal?: boolean;
  /** Types that are not wanted change state and are not delivered. */
  readonly interest?: (def: EventDef) => Interest;
  /** Follow threads, and no descriptors, working directories and memory: nobody will ask for them. */
  readonly threadsOnly?: boolean;
  /** Sees every whole block, header and trailer included, once it is read; valid during the call only. */
  readonly onBlock?: (bytes: Uint8Array) => void;
  readonly onWarning?: (warning: CaptureWarning) => void;
};
