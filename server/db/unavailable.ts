import { AppError } from '../errors.ts';

/** SQLSTATE classes that mean "later, not never": connection, resources (disk full), shutdown, lock time-outs. */
const LATER = /^(08|53|57P|55P03|40|25006)/;
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** Turns an error of the database into `unavailable` when waiting can help; anything else is returned as is. */
export function asUnavailable(err: unknown): unknown {
  if (err instanceof AppError || !isLater(err)) return err;
  return new AppError('unavailable', 'The database cannot take this now. Nothing was stored; try again.', {
    reason: 'database_unavailable',
    cause: err,
    internal: err instanceof Error ? err.message : String(err),
  });
}

function isLater(err: unknown): boolean {
  if (!(err instanceof Error)) return false;
  const code = 'code' in err ? String(err.code) : '';
  if (LATER.test(code) || NETWORK.has(code)) return true;
  // pg reports these two without a code.
  return /Connection terminated|timeout exceeded when trying to connect/i.test(err.message);
}

/** SQLSTATE of an error of PostgreSQL; '' for anything else. */
export function sqlState(err: unknown): string {
  return err instanceof Error && 'code' in err && typeof err.code === 'string' ? err.code : '';
}
