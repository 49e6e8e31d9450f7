const started = Date.now();

/** Progress goes to stderr with the seconds since start; results go to stdout. */
export function step(text: string): void {
  const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`${seconds}s  ${text}\n`);
}

/** A thing that does not work here, with what to do; the launcher goes on. */
export function warn(text: string): void {
  process.stderr.write(`   note  ${text}\n`);
}

/** Wrong usage (exit 2) or failed work (exit 1), shown without a stack. */
export class CliError extends Error {
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 1) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** Runs work under one progress line that tells how long it took. */
export async function timed<T>(text: string, work: () => Promise<T>): Promise<T> {
  step(`${text} …`);
  const from = Date.now();
  const result = await work();
  const took = (Date.now() - from) / 1000;
  if (took >= 2) step(`${text}: done in ${took.toFixed(1)} s`);
  return result;
}
