import { parseQuery } from '../../core/filter/check.ts';
import { ApiError } from '../api/api-error.ts';

export type FilterFault = { readonly column: number | undefined; readonly message: string };

/** What is wrong with a filter, found before it is sent; empty for a good one. */
export function filterFaults(text: string): FilterFault[] {
  if (text.trim() === '') return [];
  const parsed = parseQuery(text);
  return parsed.ok ? [] : parsed.faults.map((fault) => ({ column: fault.column, message: fault.message }));
}

/** Faults of a filter that the server refused; undefined when the failure has another cause. */
export function refusedFilter(err: unknown): FilterFault[] | undefined {
  if (!(err instanceof ApiError) || err.problem.code !== 'bad_request') return undefined;
  const faults = err.problem.faults?.map((fault) => ({ column: fault.column, message: fault.message })) ?? [];
  return faults.length > 0 ? faults : [{ column: undefined, message: err.problem.message }];
}
