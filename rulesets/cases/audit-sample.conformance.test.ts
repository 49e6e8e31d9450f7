import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { mapAuditEvent } from '../../core/events/k8s-audit.ts';
import { loadRules } from '../../core/rules/load.ts';
import { CORPUS } from './corpus.ts';

/** Audit log of a real one-node cluster from its first second, with a few attacks in it. */
const SAMPLE = join(CORPUS, '../k8s-audit/sample.jsonl');
const FILE = join(import.meta.dirname, '../kubernetes.yaml');
const EXPECTED: Readonly<Record<string, number>> = {
  'Cluster-admin binding created by kubernetes-admin': 1,
  'Ephemeral container added by kubernetes-admin': 1,
  'Exec or attach to pod by alice': 1,
  'Exec or attach to pod by kubernetes-admin': 3,
  'Network policy deleted by kubernetes-admin': 1,
  // The refused workload's pods are made by its controller: the only control-plane user that may appear.
  'Pod Security violation by kubernetes-admin': 1,
  'Pod Security violation by system:serviceaccount:kube-system:replicaset-controller': 14,
  'Port forward to pod by kubernetes-admin': 1,
  'Privileged pod created by kubernetes-admin': 1,
  'RBAC probing by alice': 1,
  'RBAC probing by mallory': 3,
  'RBAC probing by system:anonymous': 1,
  'RBAC probing by system:serviceaccount:shop:robot': 1,
  'Role with wildcard created by kubernetes-admin': 1,
  'Secrets listed by alice': 1,
  'Service account token requested by kubernetes-admin': 1,
};

it.runIf(existsSync(SAMPLE))(
  'finds the attacks in a real audit log and leaves the control plane alone',
  () => {
    const { ruleset } = loadRules([{ name: 'kubernetes.yaml', text: readFileSync(FILE, 'utf8') }]);
    const counts: Record<string, number> = {};
    for (const line of readFileSync(SAMPLE, 'utf8').trim().split('\n')) {
      const mapped = mapAuditEvent(JSON.parse(line));
      if (!mapped.ok) throw new Error(mapped.reason);
      const match = ruleset?.match(mapped.event);
      if (!match) continue;
      const key = `${match.rule} by ${mapped.record.user}`;
      counts[key] = (counts[key] ?? 0) + 1;
    }
    expect(counts).toEqual(EXPECTED);
  },
);
