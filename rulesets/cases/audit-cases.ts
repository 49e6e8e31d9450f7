import { audit, podRequest } from './build.ts';
import type { RuleCases } from './rule-cases.ts';

const AGGREGATOR = 'system:serviceaccount:kube-system:clusterrole-aggregation-controller';
const binding = (role: string): unknown => ({
  roleRef: { name: role },
  subjects: [{ kind: 'User', name: 'mallory' }],
});
const role = (verbs: readonly string[]): unknown => ({
  rules: [{ apiGroups: [''], resources: ['pods'], verbs }],
});

export const AUDIT_CASES: RuleCases = {
  'Exec or attach to pod': {
    fires: [
      audit({ verb: 'get', subresource: 'exec', stage: 'ResponseStarted', code: 101 }),
      audit({ verb: 'create', subresource: 'exec', stage: 'ResponseStarted', code: 101 }),
      audit({ verb: 'create', subresource: 'attach', stage: 'ResponseStarted', code: 101 }),
    ],
    silent: [
      audit({ verb: 'get', subresource: 'exec', stage: 'ResponseComplete', code: 101 }),
      audit({ verb: 'get', subresource: 'log', stage: 'ResponseStarted' }),
      audit({ verb: 'get' }),
    ],
  },
  'Port forward to pod': {
    fires: [audit({ verb: 'get', subresource: 'portforward', stage: 'ResponseStarted', code: 101 })],
    silent: [audit({ verb: 'get', subresource: 'portforward', code: 101 })],
  },
  'Ephemeral container added': {
    fires: [audit({ verb: 'patch', subresource: 'ephemeralcontainers' })],
    silent: [
      audit({ verb: 'patch', subresource: 'ephemeralcontainers', code: 403 }),
      audit({ verb: 'patch', subresource: 'status' }),
    ],
  },
  'Secrets listed': {
    fires: [
      audit({ verb: 'list', resource: 'secrets' }),
      audit({ verb: 'watch', resource: 'secrets', stage: 'ResponseStarted' }),
    ],
    silent: [
      audit({ verb: 'get', resource: 'secrets' }),
      audit({ verb: 'list', resource: 'secrets', user: 'system:kube-controller-manager' }),
      audit({ verb: 'watch', resource: 'secrets', user: 'system:node:node1', stage: 'ResponseStarted' }),
    ],
  },
  'Cluster-admin binding created': {
    fires: [
      audit({
        verb: 'create',
        resource: 'clusterrolebindings',
        code: 201,
        request: binding('cluster-admin'),
      }),
      audit({ verb: 'create', resource: 'rolebindings', code: 201, request: binding('cluster-admin') }),
    ],
    silent: [
      audit({ verb: 'create', resource: 'clusterrolebindings', code: 201, request: binding('view') }),
      audit({
        verb: 'create',
        resource: 'clusterrolebindings',
        code: 201,
        user: 'system:apiserver',
        request: binding('cluster-admin'),
      }),
    ],
  },
  'Role with wildcard created': {
    fires: [audit({ verb: 'create', resource: 'clusterroles', code: 201, request: role(['*']) })],
    silent: [
      audit({ verb: 'create', resource: 'clusterroles', code: 201, request: role(['get']) }),
      audit({ verb: 'patch', resource: 'clusterroles', user: AGGREGATOR, request: role(['*']) }),
    ],
  },
  'Privileged pod created': {
    fires: [
      audit({ verb: 'create', code: 201, request: podRequest({ securityContext: { privileged: true } }) }),
    ],
    silent: [
      audit({ verb: 'create', code: 201, request: podRequest({ securityContext: { privileged: false } }) }),
      audit({ verb: 'create', code: 403, request: podRequest({ securityContext: { privileged: true } }) }),
      audit({
        verb: 'create',
        code: 201,
        namespace: 'kube-system',
        request: podRequest({ securityContext: { privileged: true } }),
      }),
    ],
  },
  'Pod with access to the node created': {
    fires: [
      audit({ verb: 'create', code: 201, request: podRequest({}, { hostPID: true }) }),
      audit({
        verb: 'create',
        code: 201,
        request: podRequest({}, { volumes: [{ name: 'h', hostPath: { path: '/' } }] }),
      }),
    ],
    silent: [
      audit({ verb: 'create', code: 201, request: podRequest({}) }),
      audit({
        verb: 'create',
        code: 201,
        request: podRequest({}, { volumes: [{ name: 'h', hostPath: { path: '/data' } }] }),
      }),
    ],
  },
  'Anonymous request allowed': {
    fires: [audit({ user: 'system:anonymous', verb: 'list', uri: '/api/v1/namespaces' })],
    silent: [
      audit({ user: 'system:anonymous', verb: 'get', uri: '/livez?verbose' }),
      audit({ user: 'system:anonymous', verb: 'list', uri: '/api/v1/pods', decision: 'forbid', code: 401 }),
    ],
  },
  'Pod Security violation': {
    fires: [
      audit({
        verb: 'create',
        code: 403,
        message: 'pods "x" is forbidden: violates PodSecurity "restricted:latest"',
      }),
      audit({
        verb: 'create',
        code: 201,
        annotations: { 'pod-security.kubernetes.io/audit-violations': 'would violate' },
      }),
    ],
    silent: [
      audit({ verb: 'create', code: 403, message: 'exceeded quota' }),
      audit({ verb: 'create', code: 201 }),
    ],
  },
  'Service account token requested': {
    fires: [audit({ verb: 'create', resource: 'serviceaccounts', subresource: 'token', code: 201 })],
    silent: [
      audit({
        verb: 'create',
        resource: 'serviceaccounts',
        subresource: 'token',
        code: 201,
        user: 'system:node:node1',
      }),
      audit({ verb: 'create', resource: 'serviceaccounts', code: 201 }),
    ],
  },
  'Network policy deleted': {
    fires: [audit({ verb: 'delete', resource: 'networkpolicies' })],
    silent: [
      audit({ verb: 'delete', resource: 'networkpolicies', code: 404 }),
      audit({ verb: 'delete', resource: 'services' }),
    ],
  },
  'Kubernetes events deleted': {
    fires: [audit({ verb: 'deletecollection', resource: 'events' })],
    silent: [
      audit({ verb: 'deletecollection', resource: 'events', user: 'system:apiserver' }),
      audit({ verb: 'list', resource: 'events' }),
    ],
  },
  'RBAC probing': {
    fires: [
      audit({ user: 'mallory', verb: 'list', resource: 'nodes', decision: 'forbid', code: 403 }),
      audit({
        user: 'system:serviceaccount:shop:checkout',
        verb: 'list',
        resource: 'secrets',
        decision: 'forbid',
        code: 403,
      }),
    ],
    silent: [
      audit({ user: 'system:node:node1', verb: 'get', decision: 'forbid', code: 403 }),
      audit({ user: 'mallory', verb: 'create', code: 403 }),
    ],
  },
  'Permissions enumerated': {
    fires: [audit({ verb: 'create', resource: 'selfsubjectrulesreviews', code: 201 })],
    silent: [audit({ verb: 'create', resource: 'selfsubjectaccessreviews', code: 201 })],
  },
};
