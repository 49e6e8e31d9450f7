import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { createGunzip } from 'node:zlib';
import type { EngineEvent } from '../../core/events/syscall.ts';
import { AlertWriter } from '../../core/rules/alert.ts';
import type { CompiledRule, Ruleset } from '../../core/rules/ruleset.ts';
import type { CaptureOptions } from '../../core/scap/capture-options.ts';
import { readCapture } from './capture-file.ts';
import { ruleInterest } from './capture-filter.ts';
import { AuditReader } from './replay-audit.ts';
import type { FalcoConfig } from './replay-config.ts';
import { CliError } from './report.ts';

export type ReplayInput = {
  /** `-` = standard input, which holds audit events. */
  readonly path: string;
  readonly exitOnly: boolean;
};

export type InputKind = 'capture' | 'audit';

/** What a file holds, judged by its first bytes. Errors: CliError when it cannot be read. */
export function inputKind(path: string): InputKind {
  if (path === '-') return 'audit';
  const head = Buffer.alloc(2);
  try {
    const fd = openSync(path, 'r');
    try {
      readSync(fd, head, 0, 2, 0);
    } finally {
      closeSync(fd);
    }
  } catch (err) {
    throw new CliError(`cannot read ${path}: ${err instanceof Error ? err.message : String(err)}`);
  }
  // 0x0A0D0D0A begins a section; it is also a line end, but no JSON text begins with a carriage return after it.
  if (head[0] === 0x0a && head[1] === 0x0d) return 'capture';
  const gzip = head[0] === 0x1f && head[1] === 0x8b;
  return gzip && !/\.jsonl?(?:\.gz)?$/i.test(path) ? 'capture' : 'audit';
}

/**
 * Hands over the events of a capture or an audit file; each is valid during the call only. Returns how many the
 * file holds: those of no interest are not handed over.
 */
export async function readEvents(
  input: ReplayInput & { readonly interest: CaptureOptions['interest'] },
  onEvent: (event: EngineEvent) => void,
  warn: (message: string) => void,
): Promise<number> {
  if (inputKind(input.path) === 'capture') {
    const { exitOnly, interest } = input;
    const options = { exitOnly, showInternal: true, ...(interest && { interest }) };
    const { events, warnings } = await readCapture(input.path, options, onEvent);
    for (const { offset, message } of warnings) warn(`offset ${offset}: ${message}`);
    return events;
  }
  let count = 0;
  const reader = new AuditReader((event) => {
    count++;
    onEvent(event);
  }, warn);
  const source = input.path === '-' ? process.stdin : createReadStream(input.path);
  const stream = input.path.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  const decoder = new TextDecoder();
  for await (const chunk of stream) reader.push(decoder.decode(chunk as Buffer, { stream: true }));
  reader.push(decoder.decode());
  reader.end();
  return count;
}

export type Alert = { readonly rule: CompiledRule; readonly line: string };

export type ReplayStats = {
  readonly events: number;
  readonly seconds: number;
  readonly alerts: ReadonlyMap<CompiledRule, number>;
};

/** Runs a ruleset over a file and hands over every alert in the order of the events. */
export async function replay(
  ruleset: Ruleset,
  options: ReplayInput & { readonly config: FalcoConfig; readonly hostname: string },
  sink: { readonly onAlert: (alert: Alert) => void; readonly warn: (message: string) => void },
): Promise<ReplayStats> {
  const { config, hostname } = options;
  const writer = new AlertWriter({ ...config.alerts, hostname });
  const alerts = new Map<CompiledRule, number>();
  const take = (rule: CompiledRule, event: EngineEvent): void => {
    alerts.set(rule, (alerts.get(rule) ?? 0) + 1);
    sink.onAlert({ rule, line: writer.line(rule, event) });
  };
  const from = performance.now();
  const events = await readEvents(
    { ...options, interest: ruleInterest(ruleset) },
    (event) => {
      if (config.matchAll) {
        for (const rule of ruleset.every(event)) take(rule, event);
        return;
      }
      const rule = ruleset.first(event);
      if (rule) take(rule, event);
    },
    sink.warn,
  );
  return { events, seconds: (performance.now() - from) / 1000, alerts };
}
