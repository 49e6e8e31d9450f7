import type { Outcome } from './event.ts';
import { isNormalNodeForbid, sessionCategory } from './k8s-audit-classify.ts';
import { type AuditFacts, cleanText } from './k8s-audit-facts.ts';

const SUMMARY_MAX = 1_024;
const COMMAND_MAX = 256;
/** Past tense for what happened, infinitive for what was refused. */
const VERBS: ReadonlyMap<string, readonly [past: string, infinitive: string]> = new Map([
  ['get', ['read', 'read']],
  ['list', ['listed', 'list']],
  ['watch', ['watched', 'watch']],
  ['create', ['created', 'create']],
  ['post', ['posted to', 'post to']],
  ['put', ['wrote to', 'write to']],
  ['update', ['updated', 'update']],
  ['patch', ['changed', 'change']],
  ['delete', ['deleted', 'delete']],
  ['deletecollection', ['deleted all', 'delete all']],
]);
const REASONS: ReadonlyMap<number, string> = new Map([
  [400, 'bad request'],
  [404, 'not found'],
  [405, 'not supported'],
  [408, 'timed out'],
  [409, 'conflict'],
  [410, 'too old'],
  [422, 'invalid'],
  [429, 'too many requests'],
  [500, 'server error'],
  [503, 'unavailable'],
  [504, 'timed out'],
]);

/**
 * One plain sentence on an audit event: the fact, then "Denied" or "Failed" with the reason.
 * Shape: at most 1,024 UTF-16 units; text from the cluster stays as it is, so render it as text only.
 */
export function summarizeAudit(facts: AuditFacts, outcome: Outcome): string {
  const deed = sentence(facts, outcome === 'ok');
  return cleanText(`${deed}${facts.dryRun ? ' (dry run)' : ''}${verdict(facts, outcome)}`, SUMMARY_MAX);
}

/** The command line of an exec from its URI parameters; undefined for any other request. */
export function execCommand(facts: AuditFacts): string | undefined {
  if (facts.subresource !== 'exec') return undefined;
  const words = facts.params.getAll('command');
  return words.length === 0 ? undefined : cleanText(words.join(' '), 16_384);
}

function sentence(facts: AuditFacts, succeeded: boolean): string {
  if (facts.code === 401) {
    const from = facts.peer === undefined ? '' : ` from ${facts.peer}`;
    return `Unauthenticated request${from} to ${deedOf(facts, false)}`;
  }
  const who = subjectName(facts);
  return succeeded ? `${who} ${deedOf(facts, true)}` : `${who} tried to ${deedOf(facts, false)}`;
}

function deedOf(facts: AuditFacts, past: boolean): string {
  const session = sessionCategory(facts);
  const pod = `${facts.namespace}/${facts.name}`;
  if (session === 'exec') {
    const command = execCommand(facts);
    const where = facts.params.get('container');
    const run = command === undefined ? 'a command' : cleanText(command, COMMAND_MAX);
    return `${past ? 'ran' : 'run'} ${run} in ${pod}${where === null ? '' : ` (${where})`}`;
  }
  if (session === 'attach') return `${past ? 'attached' : 'attach'} to ${pod}`;
  if (session === 'port_forward') return `${past ? 'forwarded' : 'forward'} a port to ${pod}`;
  if (facts.subresource === 'ephemeralcontainers' && facts.verb !== 'get') {
    return `${past ? 'added' : 'add'} a debug container to ${pod}`;
  }
  if (facts.resource === 'serviceaccounts' && facts.subresource === 'token') {
    return `${past ? 'created' : 'create'} a token for service account ${pod}`;
  }
  const words = VERBS.get(facts.verb);
  const verb =
    words === undefined ? `${past ? 'did' : 'do'} ${facts.verb || 'a request'} on` : words[past ? 0 : 1];
  return `${verb} ${objectPhrase(facts)}`;
}

function objectPhrase(facts: AuditFacts): string {
  if (facts.resource === '') return facts.path === '' ? 'the API' : facts.path;
  const part = facts.subresource === '' ? '' : `${facts.subresource} of `;
  const place = facts.namespace === '' || facts.resource === 'namespaces' ? '' : ` in ${facts.namespace}`;
  if (facts.name === '' && facts.verb === 'create') return `${part}a ${singular(facts.resource)}${place}`;
  if (facts.name === '')
    return `${part}${facts.resource}${place === '' && facts.resource !== 'namespaces' ? ' in all namespaces' : place}`;
  return `${part}${singular(facts.resource)} ${facts.name}${place}`;
}

function verdict(facts: AuditFacts, outcome: Outcome): string {
  if (facts.stage === 'Panic') return '. Failed: the API server panicked';
  if (outcome === 'ok') return '';
  if (outcome === 'failed') return `. Failed: ${REASONS.get(facts.code) ?? `code ${facts.code}`}`;
  if (isNormalNodeForbid(facts)) return '. Denied: the pod is not on this node any more';
  const podSecurity = / violates PodSecurity "([^":]*)/.exec(facts.message)?.[1];
  if (podSecurity !== undefined) return `. Denied by Pod Security (${podSecurity})`;
  const policy = /ValidatingAdmissionPolicy '([^']{1,253})'/.exec(facts.message)?.[1];
  if (policy !== undefined) return `. Denied by policy ${policy}`;
  const webhook = /^admission webhook "([^"]{1,253})" denied/.exec(facts.message)?.[1];
  if (webhook !== undefined) return `. Denied by webhook ${webhook}`;
  if (facts.message.includes('exceeded quota')) return '. Denied by quota';
  return '. Denied';
}

/** `system:serviceaccount:shop:robot` reads as `service account shop/robot`, `system:node:n1` as `node n1`. */
function subjectName(facts: AuditFacts): string {
  const user = readableUser(facts.user);
  return facts.impersonated === '' ? user : `${user} as ${readableUser(facts.impersonated)}`;
}

function readableUser(user: string): string {
  if (user === '') return 'An unknown user';
  if (user === 'system:anonymous') return 'An anonymous user';
  const account = /^system:serviceaccount:([^:]+):(.+)$/.exec(user);
  if (account !== null) return `service account ${account[1]}/${account[2]}`;
  const node = /^system:node:(.+)$/.exec(user);
  return node === null ? user : `node ${node[1]}`;
}

function singular(resource: string): string {
  if (resource === 'endpoints') return resource;
  if (resource.endsWith('ies')) return `${resource.slice(0, -3)}y`;
  if (resource.endsWith('sses')) return resource.slice(0, -2);
  return resource.endsWith('s') ? resource.slice(0, -1) : resource;
}
