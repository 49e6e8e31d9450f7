import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import {
  type AgentCommands,
  ARTIFACT_BYTES_MAX,
  ARTIFACT_CHUNK_BYTES,
  type Artifact,
  agentCommandsSchema,
  type CommandReport,
  commandReportReplySchema,
} from '../../core/wire/commands.ts';
import { parseJson } from '../parse-json.ts';
import { describeProblem, type HttpClient } from '../send/http-client.ts';
import { CommandError } from './scope.ts';

const TIMEOUT_MS = 20_000;
const JSON_TYPE = { 'content-type': 'application/json' };

/** The server wants the command no more. */
export class CancelledError extends Error {
  constructor() {
    super('It was cancelled.');
    this.name = 'CancelledError';
  }
}

/** The server will not take this, now or later. */
export class RefusedError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'RefusedError';
  }
}

/** The agent's side of the command endpoints. Errors: RefusedError for a final no, any other to try again. */
export class CommandLink {
  readonly #client: HttpClient;
  readonly #base: string;

  constructor(client: HttpClient, agentId: string) {
    this.#client = client;
    this.#base = `/api/v1/agents/${agentId}/commands`;
  }

  async fetch(): Promise<AgentCommands> {
    return agentCommandsSchema.parse(await this.#call('GET', this.#base, Buffer.alloc(0), {}));
  }

  /** True when the command may begin, or go on. */
  async report(id: string, report: CommandReport): Promise<boolean> {
    const body = Buffer.from(JSON.stringify(report));
    const reply = await this.#call('POST', `${this.#base}/${id}`, body, JSON_TYPE);
    return commandReportReplySchema.parse(reply).goOn;
  }

  /** Sends a file in chunks and returns what the server must find. Errors: CommandError, RefusedError, CancelledError. */
  async upload(
    id: string,
    path: string,
    retry: <T>(call: () => Promise<T>) => Promise<T>,
  ): Promise<Artifact> {
    const file = await open(path, 'r');
    try {
      const hash = createHash('sha256');
      const buffer = Buffer.allocUnsafe(ARTIFACT_CHUNK_BYTES);
      let bytes = 0;
      for (let index = 0; ; index += 1) {
        const { bytesRead } = await file.read(buffer, 0, buffer.length, bytes);
        if (bytesRead === 0) break;
        bytes += bytesRead;
        if (bytes > ARTIFACT_BYTES_MAX)
          throw new CommandError(`The file is larger than ${ARTIFACT_BYTES_MAX} bytes.`);
        const part = buffer.subarray(0, bytesRead);
        hash.update(part);
        const url = `${this.#base}/${id}/artifact?index=${index}`;
        const type = { 'content-type': 'application/octet-stream' };
        const reply = await retry(() => this.#call('POST', url, part, type));
        if (!commandReportReplySchema.parse(reply).goOn) throw new CancelledError();
      }
      return { name: basename(path), bytes, sha256: hash.digest('hex') };
    } finally {
      await file.close();
    }
  }

  async #call(
    method: 'GET' | 'POST',
    path: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
  ): Promise<unknown> {
    const reply = await this.#client.post({ method, path, body, headers, timeoutMs: TIMEOUT_MS });
    if (reply.status === 200) return parseJson(reply.body);
    const message = describeProblem(reply);
    const isFinal = reply.status >= 400 && reply.status < 500 && ![401, 403, 408, 429].includes(reply.status);
    throw isFinal ? new RefusedError(message) : new Error(message);
  }
}
