/** One audit.k8s.io/v1 Event as an API server sends it: a read of a Secret. */
export function makeAuditObject(change: {
  readonly auditID: string;
  readonly at: Date;
  readonly [member: string]: unknown;
}): Record<string, unknown> {
  const { at, ...rest } = change;
  const time = `${at.toISOString().slice(0, -1)}000Z`;
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/shop/secrets/db',
    verb: 'get',
    user: { username: 'alice', groups: ['system:authenticated'] },
    sourceIPs: ['203.0.113.7'],
    userAgent: 'kubectl/v1.36.0',
    objectRef: { resource: 'secrets', namespace: 'shop', name: 'db', apiVersion: 'v1' },
    responseStatus: { metadata: {}, code: 200 },
    requestReceivedTimestamp: time,
    stageTimestamp: time,
    annotations: { 'authorization.k8s.io/decision': 'allow' },
    ...rest,
  };
}
