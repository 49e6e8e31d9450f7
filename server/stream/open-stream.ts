import type { StreamMessage } from '../../core/wire/stream.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { getRuntime, type Runtime } from '../runtime.ts';
import { FeedHub, feedMessage } from './feed-hub.ts';
import { readFeed, readFeedCursor, writeFeedCursor } from './rows.ts';

/** A connection ends after this, so that a session that was revoked meanwhile is asked for again. */
const LIFE_MS = 30 * 60_000;
/** A browser that lets this many messages wait is cut off; it comes back with the place it stopped at. */
const WAITING_MAX = 256;
const RESUME_MAX = 1_000;

const holder = globalThis as typeof globalThis & { eyrieHubs?: WeakMap<Runtime, FeedHub> };

/** Opens the event stream of one browser. Errors: unavailable beyond the number of clients. */
export async function openStream({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly lastEventId: string | null; readonly signal: AbortSignal };
}): Promise<ReadableStream<Uint8Array>> {
  requireRole(ctx, 'viewer');
  const hub = hubOf(await getRuntime());
  const encoder = new TextEncoder();
  let close = () => {};
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        let leave = () => {};
        const write = (text: string) => {
          if ((controller.desiredSize ?? 0) <= 0) close();
          else controller.enqueue(encoder.encode(text));
        };
        const send = (message: StreamMessage, id: string | null) => {
          write(`${id === null ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`);
        };
        let open = true;
        close = () => {
          if (!open) return;
          open = false;
          leave();
          clearTimeout(life);
          input.signal.removeEventListener('abort', close);
          controller.close();
        };
        leave = hub.join({ send, beat: () => write(': beat\n\n') });
        const life = setTimeout(close, LIFE_MS);
        life.unref();
        if (input.signal.aborted) return close();
        input.signal.addEventListener('abort', close);
        send({ t: 'hello', serverTime: ctx.now().toISOString() }, writeFeedCursor(hub.cursor));
        void resume(ctx, hub, input.lastEventId)
          .then((message) => {
            if (open && message !== undefined) send(message, null);
          })
          .catch((err: unknown) => ctx.log.warn({ err }, 'the feed was not resumed'));
      },
      cancel() {
        close();
      },
    },
    { highWaterMark: WAITING_MAX },
  );
}

/** What arrived between the place a browser stopped at and where the hub stands now. */
async function resume(
  ctx: Ctx,
  hub: FeedHub,
  lastEventId: string | null,
): Promise<StreamMessage | undefined> {
  const after = readFeedCursor(lastEventId);
  if (after === undefined) return undefined;
  const until = hub.cursor.receivedAt;
  const rows = await readFeed(ctx.pool, { clusterId: ctx.config.clusterId, after, limit: RESUME_MAX });
  const missed = rows.filter(({ cursor }) => cursor.receivedAt <= until);
  return missed.length === 0 ? undefined : feedMessage(missed);
}

function hubOf(runtime: Runtime): FeedHub {
  holder.eyrieHubs ??= new WeakMap();
  let hub = holder.eyrieHubs.get(runtime);
  if (hub === undefined) {
    hub = new FeedHub(runtime);
    holder.eyrieHubs.set(runtime, hub);
  }
  return hub;
}
