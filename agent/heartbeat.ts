import { type Heartbeat, type HeartbeatReply, heartbeatReplySchema } from '../core/wire/agents.ts';
import { describeProblem, type HttpClient } from './send/http-client.ts';

export type HeartbeatOptions = {
  readonly client: HttpClient;
  readonly build: () => Heartbeat;
  readonly onReply: (reply: HeartbeatReply) => void;
  readonly onError: (message: string) => void;
  /** Default 5 s; the server calls an agent silent after 15 s. */
  readonly everyMs?: number;
};

const TIMEOUT_MS = 5_000;

/** Reports health to the server and takes settings from its answer. Errors: never rejects; counts and goes on. */
export class HeartbeatLoop {
  readonly counters = { heartbeats_total: 0, heartbeats_failed_total: 0 };
  readonly #options: HeartbeatOptions;
  #timer: NodeJS.Timeout | undefined;
  #isBeating = false;
  #lastError: string | undefined;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => void this.beat(), this.#options.everyMs ?? 5_000);
    void this.beat();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One heartbeat now; skipped while another is under way. */
  async beat(): Promise<void> {
    if (this.#isBeating) return;
    this.#isBeating = true;
    try {
      const reply = await this.#options.client.post({
        path: '/api/v1/agents/heartbeat',
        body: Buffer.from(JSON.stringify(this.#options.build())),
        headers: { 'content-type': 'application/json' },
        timeoutMs: TIMEOUT_MS,
      });
      if (reply.status !== 200) throw new Error(describeProblem(reply));
      const parsed = heartbeatReplySchema.safeParse(JSON.parse(reply.body));
      if (!parsed.success) throw new Error('the reply is not a heartbeat reply');
      this.counters.heartbeats_total += 1;
      this.#lastError = undefined;
      this.#options.onReply(parsed.data);
    } catch (err) {
      this.counters.heartbeats_failed_total += 1;
      const message = err instanceof Error ? err.message : String(err);
      if (message !== this.#lastError) this.#options.onError(`heartbeat: ${message}`);
      this.#lastError = message;
    } finally {
      this.#isBeating = false;
    }
  }
}
