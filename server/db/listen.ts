import type { EventEmitter } from 'node:events';
import pg from 'pg';
import type { Logger } from 'pino';

/** Payloads of the channel `eyrie`; senders are transactions of any replica. */
export type BusMessage =
  | {
      readonly t: 'events';
      readonly clusterId: string;
      readonly n: number;
      readonly from: string;
      readonly to: string;
    }
  | { readonly t: 'incident'; readonly id: number }
  | { readonly t: 'action'; readonly id: string }
  | { readonly t: 'agents' }
  | { readonly t: 'cluster' };

const RETRY_MS_MIN = 250;
const RETRY_MS_MAX = 10_000;

/**
 * Holds one connection that listens on `eyrie` and hands notifications to the bus. A lost connection is
 * opened again with growing pauses; after that 'resync' tells everybody that something may be missing.
 * Returns the stop function.
 */
export function startListener(input: {
  readonly url: string;
  readonly bus: EventEmitter<{ message: [BusMessage]; resync: [] }>;
  readonly log: Logger;
}): () => Promise<void> {
  const { url, bus, log } = input;
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let failures = 0;
  let connectedBefore = false;

  const again = (err: unknown) => {
    client = undefined;
    if (stopped || timer !== undefined) return;
    failures += 1;
    log.warn({ err, failures }, 'notifications are interrupted');
    const pause = Math.min(RETRY_MS_MAX, RETRY_MS_MIN * 2 ** (failures - 1));
    timer = setTimeout(() => {
      timer = undefined;
      void connect();
    }, pause);
  };

  const connect = async () => {
    const next = new pg.Client({
      connectionString: url,
      application_name: 'eyrie-listen',
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
    });
    client = next;
    let failed = false;
    const fail = (err: unknown) => {
      if (failed || client !== next) return;
      failed = true;
      void next.end().catch(() => {});
      again(err);
    };
    next.on('error', fail);
    next.on('end', () => fail(new Error('the connection ended')));
    next.on('notification', ({ payload }) => {
      const message = parse(payload);
      if (message !== undefined) bus.emit('message', message);
    });
    try {
      await next.connect();
      await next.query('LISTEN eyrie');
      failures = 0;
      if (connectedBefore) bus.emit('resync');
      connectedBefore = true;
    } catch (err) {
      fail(err);
    }
  };

  void connect();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    const open = client;
    client = undefined;
    await open?.end().catch(() => {});
  };
}

function parse(payload: string | undefined): BusMessage | undefined {
  try {
    const value = JSON.parse(payload ?? '') as BusMessage;
    return typeof value?.t === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
