import { CaptureError } from '../../core/scap/capture-error.ts';
import { CliError } from './report.ts';

/** A fault of the file as a message; a fault of ours keeps its stack. */
export function readable(err: unknown, path: string): unknown {
  if (err instanceof CaptureError) return new CliError(`${path}: ${err.message}`);
  if (err instanceof Error && 'code' in err && typeof err.code === 'string')
    return new CliError(`cannot read ${path}: ${err.message}`);
  return err;
}

const BUFFER_CHARS = 64 * 1024;

/** Standard output in large pieces: one write a line would cost more than the rules do. */
export class LineBuffer {
  #text = '';

  line(text: string): void {
    this.#text += `${text}\n`;
    if (this.#text.length >= BUFFER_CHARS) this.flush();
  }

  flush(): void {
    if (this.#text !== '') process.stdout.write(this.#text);
    this.#text = '';
  }
}
