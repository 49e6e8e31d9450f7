/**
 * Fields that show neither descriptors nor working directories nor memory: for them alone a reader need not
 * follow those (see CaptureOptions.threadsOnly). What is not listed is taken to need everything.
 */
const THREAD_FIELDS: ReadonlySet<string> = new Set([
  ...names(
    'evt',
    'num time time.s time.iso8601 datetime datetime.s rawtime rawtime.s rawtime.ns reltime reltime.s',
  ),
  ...names('evt', 'reltime.ns type dir cpu res rawres failed count'),
  ...names(
    'proc',
    'name exe args cmdline cmdnargs cmdlenargs exeline env tty pid vpid ppid pvpid pname pcmdline',
  ),
  ...names(
    'proc',
    'pexe aname aexe acmdline apid sid sname sid.exe vpgid vpgid.name vpgid.exe pgid pgid.name',
  ),
  ...names(
    'proc',
    'pgid.exe is_sid_leader is_vpgid_leader is_pgid_leader is_exe_writable is_exe_upper_layer',
  ),
  ...names('proc', 'is_exe_lower_layer is_exe_from_memfd duration ppid.duration pid.ts ppid.ts'),
  ...names('thread', 'tid vtid ismain cap_permitted cap_inheritable cap_effective'),
  ...names('user', 'uid name homedir shell loginuid loginname'),
  ...names('group', 'gid name'),
  ...names(
    'container',
    'id full_id name image image.repository image.tag image.digest image.id type privileged',
  ),
]);

function names(group: string, list: string): readonly string[] {
  return list.split(' ').map((name) => `${group}.${name}`);
}

export function showsThreadsOnly(fields: Iterable<string>): boolean {
  for (const field of fields) if (!THREAD_FIELDS.has(field)) return false;
  return true;
}
