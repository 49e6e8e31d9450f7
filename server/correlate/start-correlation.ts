import type { BusMessage } from '../db/listen.ts';
import { type Runtime, systemContext } from '../runtime.ts';
import { correlateOnce } from './correlate.ts';

/** An ingest transaction commits well within this; rows of a slower one are found by the next full pass. */
const OVERLAP_MS = 10_000;
const FULL_OVERLAP_MS = 2 * 60_000;
/** Gathers the batches of many agents into one pass. */
const GATHER_MS = 250;
const SAFETY_MS = 60_000;

/**
 * Runs correlation whenever events arrive, after lost notifications, and every minute in any case.
 * Returns the stop function, which is also called at shutdown and waits for a running pass.
 */
export function startCorrelation(runtime: Runtime): () => Promise<void> {
  const ctx = systemContext(runtime, 'correlation');
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let overlapMs = 0;
  let stopped = false;

  const pass = async () => {
    const asked = overlapMs;
    overlapMs = 0;
    try {
      let { more } = await correlateOnce(ctx, { overlapMs: asked });
      while (more && !stopped) ({ more } = await correlateOnce(ctx, { overlapMs: 0 }));
    } catch (err) {
      ctx.log.error({ err }, 'correlation failed; the next pass reads the same events again');
    }
    running = undefined;
    if (overlapMs > 0) schedule(overlapMs);
  };
  const schedule = (wantedMs: number) => {
    overlapMs = Math.max(overlapMs, wantedMs);
    if (stopped || running !== undefined || timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      running = pass();
    }, GATHER_MS);
  };
  const onMessage = (message: BusMessage) => {
    if (message.t === 'events' && message.clusterId === runtime.config.clusterId) schedule(OVERLAP_MS);
  };
  const onResync = () => schedule(FULL_OVERLAP_MS);

  runtime.bus.on('message', onMessage);
  runtime.bus.on('resync', onResync);
  const safety = setInterval(() => schedule(FULL_OVERLAP_MS), SAFETY_MS);
  safety.unref();
  schedule(FULL_OVERLAP_MS);

  const stop = async () => {
    stopped = true;
    clearInterval(safety);
    clearTimeout(timer);
    runtime.bus.off('message', onMessage);
    runtime.bus.off('resync', onResync);
    await running;
  };
  runtime.onShutdown(stop);
  return stop;
}
