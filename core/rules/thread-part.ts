import type { CheckNode, FilterNode, Operand, TransformArg } from '../filter/ast.ts';

/**
 * Fields that tell of the event's thread, its leader, ancestors, users and container, and of nothing else:
 * `ThreadInfo.version` grows when one of them may have changed. Ages, counters and descriptors are not here.
 */
const THREAD_FIELDS: ReadonlySet<string> = new Set(
  [
    ...[
      'name',
      'exe',
      'exepath',
      'exeline',
      'args',
      'cmdline',
      'cmdnargs',
      'cmdlenargs',
      'env',
      'cwd',
      'tty',
    ],
    ...['pid', 'vpid', 'ppid', 'pname', 'pcmdline', 'pexe', 'pexepath', 'pvpid'],
    ...['aname', 'aexe', 'aexepath', 'acmdline', 'apid', 'sid', 'sname', 'sid.exe', 'sid.exepath'],
    ...['vpgid', 'vpgid.name', 'vpgid.exe', 'vpgid.exepath', 'is_sid_leader', 'is_vpgid_leader'],
    ...['is_exe_writable', 'is_exe_upper_layer', 'is_exe_lower_layer', 'is_exe_from_memfd', 'exe_ino'],
  ]
    .map((name) => `proc.${name}`)
    .concat(['thread.vtid', 'thread.ismain', 'thread.cap_permitted', 'thread.cap_effective'])
    .concat(['thread.cap_inheritable', 'user.uid', 'user.name', 'user.loginuid', 'user.loginname'])
    .concat(['group.gid', 'group.name', 'container.id', 'container.name', 'container.image'])
    .concat(['container.image.repository', 'container.image.tag', 'container.privileged', 'container.type'])
    .concat(['k8s.ns.name', 'k8s.pod.name', 'k8s.pod.uid', 'k8s.pod.id', 'k8s.pod.label', 'k8s.pod.labels']),
);

/** Whether the condition has one verdict for all events of a thread, until the thread changes. */
export function isThreadOnly(node: FilterNode): boolean {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.children.every(isThreadOnly);
    case 'not':
      return isThreadOnly(node.child);
    case 'check':
      return isThreadCheck(node);
    case 'macro':
      return false;
    default:
      return node satisfies never;
  }
}

/**
 * What the condition demands of the thread, whatever the event: the condition implies it. undefined when it
 * demands nothing. `wanted` is the verdict asked for.
 */
export function threadPart(node: FilterNode, wanted = true): FilterNode | undefined {
  if (isThreadOnly(node)) return wanted ? node : { kind: 'not', child: node, pos: node.pos };
  if (node.kind === 'not') return threadPart(node.child, !wanted);
  if (node.kind !== 'and' && node.kind !== 'or') return undefined;
  const parts = node.children.map((child) => threadPart(child, wanted));
  const demands = parts.filter((part) => part !== undefined);
  // By De Morgan an `and` that must be false is an `or` of what must be false.
  const all = (node.kind === 'and') === wanted;
  if (demands.length === 0 || (!all && demands.length < parts.length)) return undefined;
  const [first, second] = demands;
  if (first !== undefined && second === undefined) return first;
  return { kind: all ? 'and' : 'or', children: demands, pos: node.pos };
}

/** What is left to decide by the event once `threadPart` holds; undefined when nothing is. */
export function eventPart(node: FilterNode): FilterNode | undefined {
  if (isThreadOnly(node)) return undefined;
  if (node.kind !== 'and') return node;
  const children = node.children.map(eventPart).filter((child) => child !== undefined);
  const [first, second] = children;
  return first !== undefined && second === undefined ? first : { ...node, children };
}

function isThreadCheck(check: CheckNode): boolean {
  const { left, right } = check;
  if (!isThreadOperand(left)) return false;
  return right?.kind === 'field' || right?.kind === 'transform' ? isThreadOperand(right) : true;
}

function isThreadOperand(operand: Operand): boolean {
  if (operand.kind === 'field') return THREAD_FIELDS.has(operand.name);
  return operand.args.every(isThreadArgument);
}

function isThreadArgument(arg: TransformArg): boolean {
  if (arg.kind === 'value') return true;
  if (arg.kind === 'operands')
    return arg.items.every((item) => item.kind === 'value' || isThreadOperand(item));
  return isThreadOperand(arg);
}
