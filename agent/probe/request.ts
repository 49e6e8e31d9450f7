import { z } from 'zod';
import { SYSCALL_CODES } from '../decode/layout.ts';
import { FAILED_RULES, OPEN_RULES, SOCKET_RULES } from '../decode/raw.ts';

/** Room for 512 prefixes of 127 bytes, each of which JSON may write as `\uXXXX`, and the rest. */
export const REQUEST_BYTES_MAX = 512 * 1024;
export const REPLY_BYTES_MAX = 4 * 1024;
const PREFIX_BYTES_MAX = 127;

const port = z.number().int().min(0).max(65_535);
const openRule = z.enum(OPEN_RULES).optional();

/**
 * What the agent may ask of the process that starts probes for it: a closed list, checked there again.
 * Each value becomes one argument of the probe; none is a path to open, a program or a number of a process.
 */
export const probeRequestSchema = z.strictObject({
  events: z.array(z.enum(Object.keys(SYSCALL_CODES))).max(Object.keys(SYSCALL_CODES).length),
  readHost: openRule,
  readContainer: openRule,
  writeHost: openRule,
  writeContainer: openRule,
  openFailed: z.enum(FAILED_RULES).optional(),
  sockets: z.enum(SOCKET_RULES).optional(),
  connectPorts: z
    .array(z.tuple([port, port]))
    .max(64)
    .optional(),
  prefixes: z
    .array(
      z
        .string()
        .startsWith('/')
        .refine((path) => !path.includes('\0') && Buffer.byteLength(path) <= PREFIX_BYTES_MAX, {
          message: `not a path of at most ${PREFIX_BYTES_MAX} bytes`,
        }),
    )
    .max(512)
    .optional(),
});
export type ProbeRequest = z.infer<typeof probeRequestSchema>;

/** One line before the first frame, or instead of it. */
export const probeReplySchema = z.union([
  z.object({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: z.string(), retryMs: z.number().int().min(0).max(3_600_000) }),
]);
export type ProbeReply = z.infer<typeof probeReplySchema>;

/** The probe's command line for a request. */
export function requestArguments(request: ProbeRequest): string[] {
  const { events, prefixes = [], connectPorts } = request;
  const words = [
    ['--read-host', request.readHost],
    ['--read-container', request.readContainer],
    ['--write-host', request.writeHost],
    ['--write-container', request.writeContainer],
    ['--open-failed', request.openFailed],
    ['--sockets', request.sockets],
  ] as const;
  return [
    '--events',
    events.join(','),
    ...words.flatMap(([name, value]) => (value === undefined ? [] : [name, value])),
    ...(connectPorts === undefined ? [] : ['--connect-ports', portList(connectPorts)]),
    ...prefixes.flatMap((prefix) => ['--prefix', prefix]),
  ];
}

function portList(ports: NonNullable<ProbeRequest['connectPorts']>): string {
  return ports.length === 0 ? 'none' : ports.map(([from, to]) => `${from}-${to}`).join(',');
}
