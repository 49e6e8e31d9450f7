/** A capture that lies about itself or is none. `offset`: byte in the (uncompressed) file. */
export class CaptureError extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(`${message} (at byte ${offset})`);
    this.name = 'CaptureError';
    this.offset = offset;
  }
}
