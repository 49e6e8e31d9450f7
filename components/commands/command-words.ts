import type { CommandKind, CommandRow } from '../../core/wire/commands.ts';

export const COMMAND_WORDS: Record<CommandKind, { readonly title: string; readonly brief: string }> = {
  process_snapshot: { title: 'Process snapshot', brief: 'Processes, users, programs, sockets' },
  collect_evidence: { title: 'Collect evidence', brief: 'Processes, files, logs and events, with hashes' },
  record_capture: { title: 'Record capture', brief: 'System calls for a time; opens in sysdig' },
  freeze: { title: 'Freeze', brief: 'Stops it where it is, keeps memory' },
  thaw: { title: 'Thaw', brief: 'Lets it go on' },
  kill: { title: 'Kill process tree', brief: 'Ends it at once; cannot be undone' },
};

const STATE: Record<CommandRow['state'], string> = {
  requested: 'Waiting for the agent',
  delivered: 'Fetched by the agent',
  running: 'Running',
  done: 'Done',
  failed: 'Failed',
  expired: 'Expired',
  cancelled: 'Cancelled',
};

export function stateText(row: Pick<CommandRow, 'state' | 'cancelRequested'>): string {
  return row.state === 'running' && row.cancelRequested ? 'Cancelling' : STATE[row.state];
}

/** What came of it; a cancelled command says no more than its state does. */
export const resultText = (row: Pick<CommandRow, 'state' | 'error' | 'summary'>): string | null =>
  row.state === 'cancelled' ? row.summary : (row.error ?? row.summary);

export const isOpen = ({ state }: Pick<CommandRow, 'state'>): boolean =>
  state === 'requested' || state === 'delivered' || state === 'running';
