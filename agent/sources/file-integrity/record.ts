import type { EventRecord, FieldValue } from '../../../core/events/event.ts';
import { containerColumns } from '../../enrich/container-columns.ts';
import type { Change, Fingerprint } from './fingerprint.ts';
import type { Attribution, Witness } from './witnesses.ts';

export type FoundChange = {
  readonly path: string;
  readonly change: Change;
  readonly before: Fingerprint | undefined;
  readonly after: Fingerprint | undefined;
  readonly timeNs: bigint;
  readonly attribution: Attribution | undefined;
  /** It happened while nobody looked. */
  readonly whileDown: boolean;
};

/** The alert that every change of a watched file is; it has no condition in a rules file. */
export const FILE_INTEGRITY_RULE = 'Watched file changed';
const WARNING = 4;
const NOTICE = 5;
const VERB: Record<Change, string> = {
  created: 'created',
  modified: 'changed',
  deleted: 'deleted',
  attributes: 'changed the mode or owner of',
};
const PASSIVE: Record<Change, string> = {
  created: 'was created',
  modified: 'was changed',
  deleted: 'was deleted',
  attributes: 'has another mode or owner',
};

/** Path prefix → what changing it is used for. Source: attack.mitre.org, Enterprise. */
const TECHNIQUES: readonly (readonly [prefix: string, tags: readonly string[]])[] = [
  ['/etc/ld.so', ['mitre_persistence', 'mitre_defense_evasion', 'T1574.006']],
  ['/etc/cron', ['mitre_persistence', 'T1053.003']],
  ['/var/spool/cron', ['mitre_persistence', 'T1053.003']],
  ['/etc/systemd/', ['mitre_persistence', 'T1543.002']],
  ['/etc/init.d', ['mitre_persistence', 'T1037.004']],
  ['/etc/rc.local', ['mitre_persistence', 'T1037.004']],
  ['/etc/sudoers', ['mitre_privilege_escalation', 'T1548.003']],
  ['/etc/pam.d', ['mitre_credential_access', 'mitre_persistence', 'T1556.003']],
  ['/etc/passwd', ['mitre_persistence', 'T1136.001']],
  ['/etc/shadow', ['mitre_persistence', 'T1098']],
  ['/etc/group', ['mitre_persistence', 'T1098']],
  ['/etc/ssh', ['mitre_persistence', 'T1098.004']],
  ['/etc/profile', ['mitre_persistence', 'T1546.004']],
  ['/etc/bash', ['mitre_persistence', 'T1546.004']],
  ['/etc/kubernetes/', ['mitre_persistence', 'T1610']],
];

/** Makes the alert of one change. */
export function integrityRecord(found: FoundChange, node: string): EventRecord {
  const { path, change, attribution, timeNs, before, after } = found;
  const witness = attribution?.witness;
  const container = witness?.container;
  const tags = tagsOf(path);
  const summary = sentence(found);
  return {
    timeNs: String(timeNs),
    source: 'file_integrity',
    type: change,
    categories: ['file'],
    outcome: 'ok',
    priority: tags.length > 0 ? WARNING : NOTICE,
    rule: FILE_INTEGRITY_RULE,
    output: `${summary} (before=${short(before)} after=${short(after)} command=${witness?.cmdline ?? 'unknown'})`,
    tags: ['file_integrity', ...tags],
    summary,
    node,
    ...containerColumns(container),
    user: witness?.user,
    process: witness?.name,
    pid: witness?.pid,
    object: path,
    fields: fieldsOf(found),
  };
}

function sentence({ path, change, attribution, whileDown }: FoundChange): string {
  if (attribution === undefined) {
    return `${path} ${PASSIVE[change]} ${whileDown ? 'while the agent was down' : 'by an unknown process'}`;
  }
  const { name } = attribution.witness;
  return attribution.by === 'file'
    ? `${name} ${VERB[change]} ${path}`
    : `${path} ${PASSIVE[change]}, probably by ${name}, which wrote beside it`;
}

function tagsOf(path: string): readonly string[] {
  if (/\/\.ssh\/authorized_keys/.test(path)) return ['mitre_persistence', 'T1098.004'];
  return TECHNIQUES.find(([prefix]) => path.startsWith(prefix))?.[1] ?? [];
}

function short(print: Fingerprint | undefined): string {
  return print === undefined ? 'none' : (print.hash?.slice(0, 12) ?? 'unread');
}

function fieldsOf(found: FoundChange): Record<string, FieldValue> {
  const { path, change, before, after, attribution, whileDown } = found;
  const fields: Record<string, FieldValue | undefined> = {
    'evt.type': change,
    'evt.source': 'file_integrity',
    'fd.name': path,
    'fd.directory': path.slice(0, Math.max(1, path.lastIndexOf('/'))),
    'fd.filename': path.slice(path.lastIndexOf('/') + 1),
    'file.while_down': whileDown,
    'file.attribution': attribution?.by ?? 'none',
    ...printFields('old', before),
    ...printFields('new', after),
    ...(attribution === undefined ? {} : processFields(attribution.witness)),
  };
  const kept: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept;
}

function printFields(
  which: 'old' | 'new',
  print: Fingerprint | undefined,
): Record<string, FieldValue | undefined> {
  if (print === undefined) return {};
  return {
    [`file.${which}_hash`]: print.hash,
    [`file.${which}_mode`]: `0${print.mode.toString(8)}`,
    [`file.${which}_owner`]: `${print.uid}:${print.gid}`,
    [`file.${which}_size`]: print.size,
    [`file.${which}_mtime`]: new Date(Number(BigInt(print.mtimeNs) / 1_000_000n)).toISOString(),
  };
}

function processFields(witness: Witness): Record<string, FieldValue | undefined> {
  return {
    'file.call': witness.call,
    'proc.name': witness.name,
    'proc.exepath': witness.exepath,
    'proc.cmdline': witness.cmdline,
    'proc.pid': witness.pid,
    'proc.ppid': witness.ppid,
    'proc.pname': witness.parent,
    'user.name': witness.user,
    'user.loginname': witness.loginUser,
    'container.id': witness.container?.id.slice(0, 12),
  };
}
