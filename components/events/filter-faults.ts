import { diagnoseFilter } from '../../core/filter/recover.ts';
import { ApiError } from '../api/api-error.ts';

export type FilterFault = {
  /** Absent when a refusal names no place. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  readonly message: string;
  /** Text that the fault is about, where it was found here. */
  readonly span?: { readonly from: number; readonly to: number };
};

/** What is wrong with a filter, found before it is sent; empty for a good one. */
export function filterFaults(text: string): readonly FilterFault[] {
  if (text.trim() === '') return [];
  return diagnoseFilter(text).map(({ line, column, message, index, end }) => ({
    line,
    column,
    message,
    span: { from: index, to: end },
  }));
}

/** Faults of a filter that the server refused; undefined when the failure has another cause. */
export function refusedFilter(err: unknown): readonly FilterFault[] | undefined {
  if (!(err instanceof ApiError) || err.problem.code !== 'bad_request') return undefined;
  const faults =
    err.problem.faults?.map(({ line, column, message }): FilterFault => ({ line, column, message })) ?? [];
  return faults.length > 0 ? faults : [{ line: undefined, column: undefined, message: err.problem.message }];
}
