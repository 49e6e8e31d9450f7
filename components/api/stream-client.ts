import type { EventRow } from '../../core/wire/events.ts';
import { type StreamMessage, streamMessageSchema } from '../../core/wire/stream.ts';
import { visibleText } from './visible-text.ts';

export type StreamPhase = 'connecting' | 'live' | 'behind' | 'paused' | 'disconnected';
export type StreamState = {
  readonly phase: StreamPhase;
  /** How far the store lies behind the nodes; null while no agent is alive, undefined before the first tick. */
  readonly lagMs: number | null | undefined;
  /** ISO time of the last message; null before the first. */
  readonly lastAt: string | null;
  /** Feed rows that came while paused. */
  readonly pending: number;
};
export type Changed = Extract<StreamMessage, { t: 'changed' }>;
type Feed = { readonly rows: readonly EventRow[]; readonly skipped: number };

export const BEHIND_MS = 10_000;
/** Ticks come every 5 s: three missing ones mean that the connection is dead although it looks open. */
const SILENT_MS = 16_000;
const REOPEN_MS = 4_000;
const START: StreamState = { phase: 'connecting', lagMs: undefined, lastAt: null, pending: 0 };

/** Owner of the one EventSource; keeps the connection state and hands messages on. */
export class StreamClient {
  #state = START;
  #paused = false;
  #source: EventSource | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  readonly #watchers = new Set<() => void>();
  readonly #feed = new Set<(feed: Feed) => void>();
  readonly #changed = new Set<(message: Changed) => void>();

  readonly getState = (): StreamState => this.#state;
  readonly getStartState = (): StreamState => START;
  readonly watch = (watcher: () => void) => add(this.#watchers, watcher);
  readonly onFeed = (listener: (feed: Feed) => void) => add(this.#feed, listener);
  readonly onChanged = (listener: (message: Changed) => void) => add(this.#changed, listener);

  open(): void {
    this.close();
    const source = new EventSource('/api/v1/stream');
    this.#source = source;
    source.onmessage = (event: MessageEvent<string>) => this.#receive(event.data);
    source.onerror = () => {
      this.#set({ phase: 'disconnected' });
      // The browser reconnects by itself unless the server refused; then this client asks again later.
      if (source.readyState === EventSource.CLOSED) this.#reopenIn(REOPEN_MS);
    };
    this.#reopenIn(SILENT_MS);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = undefined;
  }

  setPaused(paused: boolean): void {
    this.#paused = paused;
    this.#set({ phase: this.#phaseFor(this.#state.lagMs), pending: 0 });
  }

  #receive(data: string): void {
    const message = parse(data);
    if (!message) return;
    this.#reopenIn(SILENT_MS);
    const lastAt = new Date().toISOString();
    if (message.t === 'hello') {
      // Whatever changed while disconnected is unknown, so everything counts as changed.
      const first = this.#state.lastAt === null;
      this.#set({ phase: this.#phaseFor(this.#state.lagMs), lastAt });
      if (!first)
        this.#emitChanged({ t: 'changed', what: ['events', 'incidents', 'actions', 'agents', 'cluster'] });
    } else if (message.t === 'tick') {
      this.#set({ phase: this.#phaseFor(message.lagMs), lagMs: message.lagMs, lastAt });
    } else if (message.t === 'changed') {
      this.#set({ lastAt });
      this.#emitChanged(message);
    } else if (this.#paused) {
      this.#set({ lastAt, pending: this.#state.pending + message.rows.length + message.skipped });
    } else {
      this.#set({ lastAt });
      for (const listener of this.#feed) listener(message);
    }
  }

  #emitChanged(message: Changed): void {
    for (const listener of this.#changed) listener(message);
  }

  #phaseFor(lagMs: number | null | undefined): StreamPhase {
    if (this.#paused) return 'paused';
    return (lagMs ?? 0) > BEHIND_MS ? 'behind' : 'live';
  }

  #reopenIn(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#set({ phase: 'disconnected' });
      this.open();
    }, ms);
  }

  #set(patch: Partial<StreamState>): void {
    this.#state = { ...this.#state, ...patch };
    for (const watcher of this.#watchers) watcher();
  }
}

function parse(data: string): StreamMessage | undefined {
  try {
    const result = streamMessageSchema.safeParse(visibleText(JSON.parse(data)));
    return result.success ? result.data : undefined;
  } catch {
    return undefined;
  }
}

function add<T>(set: Set<T>, item: T): () => void {
  set.add(item);
  return () => {
    set.delete(item);
  };
}
