/** What the mapper reads of one audit.k8s.io/v1 Event: typed, bounded, free of NUL and lone surrogates. */
export type AuditFacts = {
  readonly auditId: string;
  readonly stage: string;
  readonly timeNs: bigint;
  /** Wall-clock ns of requestReceivedTimestamp; equals `timeNs` when absent. */
  readonly receivedNs: bigint;
  readonly verb: string;
  readonly uri: string;
  /** Path part of the URI. */
  readonly path: string;
  readonly params: URLSearchParams;
  readonly user: string;
  readonly impersonated: string;
  readonly peer: string | undefined;
  readonly userAgent: string;
  /** 0 when the event carries no status code. */
  readonly code: number;
  readonly message: string;
  readonly resource: string;
  readonly subresource: string;
  readonly apiGroup: string;
  readonly namespace: string;
  readonly name: string;
  /** authorization.k8s.io/decision: `allow`, `forbid` or empty. */
  readonly decision: string;
  readonly psaAuditViolations: string;
  readonly psaExempt: string;
  /** The request asks for `dryRun=All`: nothing was changed. */
  readonly dryRun: boolean;
};

export type FactsResult =
  | { readonly ok: true; readonly facts: AuditFacts }
  | { readonly ok: false; readonly reason: string };

const TEXT_MAX = 4_096;
const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9})\d*)?(Z|[+-]\d{2}:\d{2})$/;
/** The wire carries at most 19 digits; 2^63 - 1 ns is the year 2262. */
const TIME_NS_MAX = 2n ** 63n - 1n;

/**
 * Reads one audit event of unknown shape. A member of a wrong type reads as absent; only an event without
 * identity or time is refused.
 * Errors: { ok: false, reason } for a non-object, a missing auditID or stage, an unreadable timestamp.
 * Source: k8s.io/apiserver/pkg/apis/audit/v1/types.go.
 */
export function readAuditFacts(raw: unknown): FactsResult {
  const root = objectOf(raw);
  if (root === undefined) return { ok: false, reason: 'not an object' };
  const auditId = text(root.auditID, 128);
  if (auditId === '') return { ok: false, reason: 'auditID is missing' };
  const stage = text(root.stage, 64);
  if (stage === '') return { ok: false, reason: 'stage is missing' };
  const receivedNs = parseTimeNs(root.requestReceivedTimestamp);
  const timeNs = parseTimeNs(root.stageTimestamp) ?? receivedNs;
  if (timeNs === undefined) return { ok: false, reason: 'stageTimestamp is not a time' };
  const status = objectOf(root.responseStatus);
  const ref = objectOf(root.objectRef);
  const annotations = objectOf(root.annotations);
  const uri = text(root.requestURI, 16_384);
  const question = uri.indexOf('?');
  const params = new URLSearchParams(question < 0 ? '' : uri.slice(question + 1));
  const sourceIps = root.sourceIPs;
  const peer = text(Array.isArray(sourceIps) ? sourceIps[0] : undefined, 64);
  return {
    ok: true,
    facts: {
      auditId,
      stage,
      timeNs,
      receivedNs: receivedNs ?? timeNs,
      verb: text(root.verb, 64),
      uri,
      path: question < 0 ? uri : uri.slice(0, question),
      params,
      user: text(objectOf(root.user)?.username, 512),
      impersonated: text(objectOf(root.impersonatedUser)?.username, 512),
      peer: peer === '' ? undefined : peer,
      userAgent: text(root.userAgent, 512),
      code: statusCode(status?.code),
      message: text(status?.message, TEXT_MAX),
      resource: text(ref?.resource, 253),
      subresource: text(ref?.subresource, 253),
      apiGroup: text(ref?.apiGroup, 253),
      namespace: text(ref?.namespace, 253),
      name: text(ref?.name, 253),
      decision: text(annotations?.['authorization.k8s.io/decision'], 64),
      psaAuditViolations: text(annotations?.['pod-security.kubernetes.io/audit-violations'], TEXT_MAX),
      psaExempt: text(annotations?.['pod-security.kubernetes.io/exempt'], 64),
      dryRun: params.has('dryRun'),
    },
  };
}

/** Own enumerable view of a plain object; undefined for everything else, arrays included. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  // The guard above leaves objects only; members stay unknown.
  return value as Readonly<Record<string, unknown>>;
}

/** A string cut to `max` UTF-16 units, without NUL and lone surrogates, which PostgreSQL refuses. */
export function cleanText(value: string, max: number): string {
  return (value.length > max ? value.slice(0, max) : value).replaceAll('\0', '\ufffd').toWellFormed();
}

function text(value: unknown, max: number): string {
  return typeof value === 'string' ? cleanText(value, max) : '';
}

function statusCode(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value > 0 && value < 1_000 ? value : 0;
}

function parseTimeNs(value: unknown): bigint | undefined {
  if (typeof value !== 'string' || value.length > 64) return undefined;
  const match = TIME.exec(value);
  if (match === null) return undefined;
  const [, seconds = '', fraction = '', zone = ''] = match;
  const ms = Date.parse(`${seconds}${zone}`);
  if (Number.isNaN(ms)) return undefined;
  const ns = BigInt(ms) * 1_000_000n + BigInt(fraction.padEnd(9, '0'));
  return ns >= 0n && ns <= TIME_NS_MAX ? ns : undefined;
}
