import { ARTIFACT_BYTES_MAX, ARTIFACT_CHUNK_BYTES, artifactSchema } from '../../core/wire/commands.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import { asUnavailable } from '../db/unavailable.ts';
import { AppError } from '../errors.ts';
import { findCommand } from './list.ts';
import { findOwn } from './own-command.ts';
import { recordStep } from './record.ts';

export const CHUNKS_MAX = ARTIFACT_BYTES_MAX / ARTIFACT_CHUNK_BYTES;

/**
 * Stores one chunk of a running command's artifact; a repeated one takes the place of the first.
 * Errors: not_found, too_large; bad_request for an empty chunk.
 */
export async function receiveChunk({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: {
    readonly agentId: string;
    readonly commandId: string;
    readonly index: number;
    readonly bytes: Uint8Array<ArrayBuffer>;
  };
}): Promise<{ goOn: boolean }> {
  const { index, bytes, commandId } = input;
  if (index >= CHUNKS_MAX || bytes.length > ARTIFACT_CHUNK_BYTES) {
    throw new AppError(
      'too_large',
      `An artifact has at most ${CHUNKS_MAX} chunks of ${ARTIFACT_CHUNK_BYTES} bytes.`,
    );
  }
  if (bytes.length === 0) throw new AppError('bad_request', 'The chunk is empty.');
  try {
    const command = await findOwn(ctx, input);
    if (command.state !== 'running') return { goOn: false };
    const key = { commandId_index: { commandId, index } };
    await ctx.db.$transaction(async (tx) => {
      await tx.commandChunk.upsert({ where: key, create: { commandId, index, bytes }, update: { bytes } });
      await tx.$executeRaw`
        UPDATE command SET artifact_bytes =
          (SELECT coalesce(sum(length(bytes)), 0) FROM command_chunk WHERE command_id = ${commandId}::uuid)
         WHERE id = ${commandId}::uuid`;
    });
    return { goOn: !command.cancelRequested && command.deadline > ctx.now() };
  } catch (err) {
    throw asUnavailable(err);
  }
}

/** The chunks in order, one in memory at a time. */
export async function* readChunks(
  ctx: Pick<Ctx, 'db'>,
  commandId: string,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let index = 0; index < CHUNKS_MAX; index += 1) {
    const chunk = await ctx.db.commandChunk.findUnique({ where: { commandId_index: { commandId, index } } });
    if (chunk === null) return;
    yield chunk.bytes;
  }
}

/** Opens an artifact for download and records who took it. Errors: not_found. */
export async function openArtifact({
  ctx,
  input,
}: {
  readonly ctx: Ctx;
  readonly input: { readonly id: string };
}): Promise<{ name: string; bytes: number; sha256: string; body: ReadableStream<Uint8Array> }> {
  requireRole(ctx, 'responder');
  const command = await findCommand(ctx, input.id);
  const artifact = artifactSchema.nullable().catch(null).parse(command.artifact);
  if (artifact === null) throw new AppError('not_found', 'This command left no file.');
  if (!command.artifactKept) {
    throw new AppError('not_found', 'The file was deleted by the retention.', { reason: 'artifact_deleted' });
  }
  await ctx.db.$transaction((tx) => recordStep(tx, ctx, command, 'download', { sha256: artifact.sha256 }));
  return { ...artifact, body: pulled(readChunks(ctx, command.id)) };
}

/** A stream that reads the next chunk when the reader wants it, and stops when the reader leaves. */
function pulled(chunks: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await chunks.return(undefined);
    },
  });
}
