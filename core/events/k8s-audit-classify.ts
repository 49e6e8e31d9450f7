import type { Category, Outcome } from './event.ts';
import type { AuditFacts } from './k8s-audit-facts.ts';

export type AuditVerdict = {
  readonly outcome: Outcome;
  readonly categories: readonly Category[];
};

const RBAC_RESOURCES = new Set(['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']);
const CHANGE_VERBS = new Set(['create', 'update', 'patch', 'delete', 'deletecollection']);
const READ_VERBS = new Set(['get', 'list', 'watch']);
const DELETE_VERBS = new Set(['delete', 'deletecollection']);
const SESSIONS: ReadonlyMap<string, Category> = new Map([
  ['exec', 'exec'],
  ['attach', 'attach'],
  ['portforward', 'port_forward'],
]);
const LONG_RUNNING_SUBRESOURCES = new Set(['exec', 'attach', 'portforward', 'proxy', 'log']);
const PSA_DENIAL = / violates PodSecurity "[^"]*"/;
/** Webhooks answer 400 and ValidatingAdmissionPolicy 422 unless told otherwise, so the code is not enough. */
const ADMISSION_DENIAL =
  /^admission webhook ".*" denied the request|ValidatingAdmissionPolicy '.*' .*denied request/s;

/**
 * Classifies one audit event; docs/kpis.md shows the definitions to users.
 * auth_failure: 401. rbac_denial: 403 that the authorizer decided (annotation decision=forbid; refused
 * impersonation carries no annotation), except that a node reads a pod that just left it, which kubelets do
 * in normal running. psa_violation: 403 of Pod Security Admission, or its audit-violations annotation.
 * admission_denial: any other 403 after decision=allow, and webhook or policy denials of other codes.
 * secret_read: a get, list or watch of secrets that succeeded, by anyone (`system:` users are shown apart).
 * exec, attach, port_forward: an opened session. rbac_change, delete: success, and not a dry run.
 */
export function classifyAudit(facts: AuditFacts): AuditVerdict {
  const categories: Category[] = [];
  const psaDenied = facts.code === 403 && facts.decision !== 'forbid' && PSA_DENIAL.test(facts.message);
  const admissionDenied = !psaDenied && isAdmissionDenial(facts);
  if (facts.code === 401) categories.push('auth_failure');
  if (isRbacDenial(facts)) categories.push('rbac_denial');
  if (admissionDenied) categories.push('admission_denial');
  if (psaDenied || facts.psaAuditViolations !== '') categories.push('psa_violation');
  if (facts.psaExempt !== '') categories.push('psa_exempt');
  if (succeeded(facts)) categories.push(...successCategories(facts));
  return { outcome: outcomeOf(facts, admissionDenied), categories };
}

/**
 * Whether the API server may report this request in two stages, ResponseStarted and then ResponseComplete.
 * Source: k8s.io/apiserver genericfilters.BasicLongRunningRequestCheck with kube-apiserver's lists.
 */
export function isLongRunning(facts: AuditFacts): boolean {
  return facts.verb === 'watch' || facts.verb === 'proxy' || LONG_RUNNING_SUBRESOURCES.has(facts.subresource);
}

/** The category of an interactive session on a pod, whether or not it was allowed. */
export function sessionCategory(facts: AuditFacts): Category | undefined {
  return facts.resource === 'pods' ? SESSIONS.get(facts.subresource) : undefined;
}

/** 403 `no relationship found` to a kubelet's get of a pod: the pod was deleted or moved a moment ago. */
export function isNormalNodeForbid(facts: AuditFacts): boolean {
  return (
    facts.user.startsWith('system:node:') &&
    facts.verb === 'get' &&
    facts.resource === 'pods' &&
    facts.subresource === '' &&
    facts.message.includes('no relationship found')
  );
}

function successCategories(facts: AuditFacts): Category[] {
  const categories: Category[] = [];
  const session = sessionCategory(facts);
  if (session !== undefined) categories.push(session);
  if (facts.resource === 'secrets' && facts.apiGroup === '' && READ_VERBS.has(facts.verb)) {
    categories.push('secret_read');
  }
  if (facts.dryRun) return categories;
  const isRbac = facts.apiGroup === 'rbac.authorization.k8s.io' && RBAC_RESOURCES.has(facts.resource);
  if (isRbac && CHANGE_VERBS.has(facts.verb)) categories.push('rbac_change');
  if (facts.resource !== '' && DELETE_VERBS.has(facts.verb)) categories.push('delete');
  return categories;
}

function isRbacDenial(facts: AuditFacts): boolean {
  if (facts.code !== 403) return false;
  if (facts.decision === 'forbid') return !isNormalNodeForbid(facts);
  return facts.decision === '' && facts.message.includes(' cannot impersonate resource ');
}

function isAdmissionDenial(facts: AuditFacts): boolean {
  if (facts.decision !== 'allow') return false;
  return (
    facts.code === 403 || (facts.code >= 400 && facts.code < 500 && ADMISSION_DENIAL.test(facts.message))
  );
}

/** Upgraded connections answer 101; 304 answers a conditional read with what the client already has. */
function succeeded(facts: AuditFacts): boolean {
  return facts.stage !== 'Panic' && facts.code > 0 && facts.code < 400;
}

function outcomeOf(facts: AuditFacts, admissionDenied: boolean): Outcome {
  if (facts.code === 401 || facts.code === 403 || admissionDenied) return 'denied';
  return facts.code >= 400 || facts.stage === 'Panic' ? 'failed' : 'ok';
}
