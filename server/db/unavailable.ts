import { AppError } from '../errors.ts';

/** SQLSTATE classes that mean "later, not never": connection, resources (disk full), shutdown, lock time-outs. */
const LATER = /^(08|53|57P|55P03|40|25006)/;
/** Prisma's names for the same: not reachable, timed out, closed, no connection left. */
const PRISMA_LATER = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037']);
const NETWORK = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN']);

/** Turns an error of the database into `unavailable` when waiting can help; anything else is returned as is. */
export function asUnavailable(err: unknown): unknown {
  if (err instanceof AppError || !isLater(err)) return err;
  return new AppError('unavailable', 'The database cannot take this now. Try again.', {
    reason: 'database_unavailable',
    cause: err,
    internal: err instanceof Error ? err.message : String(err),
  });
}

function isLater(err: unknown): boolean {
  if (!(err instanceof Error)) return false;
  const code = 'code' in err ? String(err.code) : '';
  if (LATER.test(code) || NETWORK.has(code) || PRISMA_LATER.has(code)) return true;
  // The adapter keeps SQLSTATEs that Prisma has no name for (57P01, shutdown) one level down.
  const { cause } = err;
  if (typeof cause === 'object' && cause !== null && 'originalCode' in cause) {
    return LATER.test(String(cause.originalCode));
  }
  // pg reports these two without a code.
  return /Connection terminated|timeout exceeded when trying to connect/i.test(err.message);
}

/** SQLSTATE of an error of PostgreSQL; '' for anything else. */
export function sqlState(err: unknown): string {
  return err instanceof Error && 'code' in err && typeof err.code === 'string' ? err.code : '';
}
