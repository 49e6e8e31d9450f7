import { type CheckNode, type FilterNode, fieldText } from '../../core/filter/ast.ts';
import { PATH_OPENS } from '../../core/filter/prefilter-facts.ts';
import { prefilterOf } from '../../core/rules/prefilter.ts';
import { type Ports, probeConnects } from '../../core/rules/probe-connects.ts';
import { probeOpens } from '../../core/rules/probe-opens.ts';
import type { CompiledRule, Ruleset } from '../../core/rules/ruleset.ts';
import { SYSCALL_CODES } from '../decode/layout.ts';
import { FAILED_RULES, type Hello, OPEN_RULES, SOCKET_RULES } from '../decode/raw.ts';
import { hooksFor, type ProbeOptions } from '../probe/start.ts';
import { ACTIVITY_TYPES, type ActivityLevel } from './activity.ts';

export type KernelNeeds = {
  readonly types: readonly string[];
  readonly probe: ProbeOptions;
};

/** Families of sockets that every program opens all the time. */
const COMMON_FAMILIES = ['AF_UNIX', 'AF_LOCAL', 'AF_INET', 'AF_INET6', 'AF_NETLINK', 'AF_ROUTE'] as const;

/** What the rules and the activity of the level need from the kernel: hooks, and what may be dropped there. */
export function kernelNeeds(ruleset: Ruleset | undefined, activity: ActivityLevel): KernelNeeds {
  const rules = ruleset?.rules ?? [];
  const prefilter = prefilterOf(rules);
  const opens = probeOpens(prefilter);
  const connectPorts = activity === 'off' ? probeConnects(prefilter) : undefined;
  const isNarrow = rules.filter(asksForSockets).every((rule) => wantsOnlyRare(rule.ast));
  const probe: ProbeOptions = {
    ...opens,
    sockets: isNarrow ? 'rare' : 'all',
    ...(connectPorts === undefined ? {} : { connectPorts }),
  };
  return { types: neededTypes(ruleset, activity), probe };
}

/** What a running probe does not send although it is needed, in words. What this kernel lacks is not among it. */
export function unmetNeeds({ types, probe }: KernelNeeds, hello: Hello): readonly string[] {
  const there = new Set([...hello.attached, ...hello.missing]);
  const unmet = hooksFor(types).filter((name) => !there.has(`sys_${name}`));
  const compare = <T extends string>(what: string, scale: readonly T[], has: T, wants: T | undefined) => {
    if (wants !== undefined && scale.indexOf(has) < scale.indexOf(wants)) unmet.push(`${wants} ${what}`);
  };
  if (types.includes('socket')) compare('new sockets', SOCKET_RULES, hello.sockets, probe.sockets);
  if (types.includes('connect') && hello.connectPorts < countOf(probe.connectPorts))
    unmet.push('more connects on the host');
  if (!types.some((type) => PATH_OPENS.has(type))) return unmet;
  compare('reads on the host', OPEN_RULES, hello.readHost, probe.readHost);
  compare('reads in containers', OPEN_RULES, hello.readContainer, probe.readContainer);
  compare('writes on the host', OPEN_RULES, hello.writeHost, probe.writeHost);
  compare('writes in containers', OPEN_RULES, hello.writeContainer, probe.writeContainer);
  compare('failed opens', FAILED_RULES, hello.openFailed, probe.openFailed);
  return unmet;
}

const PORTS = 65_536;
const countOf = (ports: Ports | undefined): number =>
  ports === undefined ? PORTS : ports.reduce((sum, [from, to]) => sum + to - from + 1, 0);

function neededTypes(ruleset: Ruleset | undefined, activity: ActivityLevel): readonly string[] {
  if (ruleset?.needsEveryType) return Object.keys(SYSCALL_CODES);
  const types = new Set(ruleset?.eventTypes ?? []);
  if (ruleset?.rules.some(readsCapabilities)) types.add('capset');
  if (activity !== 'off') for (const type of ACTIVITY_TYPES) types.add(type);
  return [...types].sort();
}

function asksForSockets({ enabled, source, types }: CompiledRule): boolean {
  return enabled && source === 'syscall' && (types === undefined || types.has('socket'));
}

/** An exec tells the capabilities of a process; until its next one only capset changes what a rule can see. */
function readsCapabilities({ enabled, source, ast, outputText }: CompiledRule): boolean {
  return enabled && source === 'syscall' && JSON.stringify([ast, outputText]).includes('thread.cap_');
}

/** True only if no new socket of a common family can satisfy the condition. */
function wantsOnlyRare(node: FilterNode): boolean {
  switch (node.kind) {
    case 'and':
      return node.children.some(wantsOnlyRare);
    case 'or':
      return node.children.every(wantsOnlyRare);
    case 'check':
      return namesRareFamily(node);
    default:
      return false;
  }
}

/** `evt.arg.domain contains X`, or `=`, where X is no part of a common family's name; or another event type. */
function namesRareFamily({ left, operator, right }: CheckNode): boolean {
  if (left.kind !== 'field' || right?.kind !== 'value') return false;
  const isEqual = operator === '=' || operator === '==';
  if (left.name === 'evt.type' && isEqual) return right.text !== 'socket';
  if (fieldText(left) !== 'evt.arg.domain' && fieldText(left) !== 'evt.arg[domain]') return false;
  if (!(isEqual || operator === 'contains')) return false;
  return /^AF_/.test(right.text) && !COMMON_FAMILIES.some((family) => family.includes(right.text));
}
