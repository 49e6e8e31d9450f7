import { z } from 'zod';
import type { KubeApi } from '../cluster/kube-api.ts';
import type { Access, Check } from './plan.ts';

const REVIEW = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
const replySchema = z.looseObject({
  status: z.looseObject({ allowed: z.boolean(), reason: z.string().optional() }),
});

/** Asks the API server whether Eyrie's own identity may do each thing, and names the missing rule. */
export async function checkAccess(api: KubeApi, needs: readonly Access[]): Promise<Check[]> {
  return await Promise.all(
    needs.map(async (need): Promise<Check> => {
      const where = need.namespace === undefined ? '' : ` in ${need.namespace}`;
      const name = `Permission: ${need.verb} ${need.resource}${where}`;
      const attributes = {
        verb: need.verb,
        group: need.group,
        resource: need.resource,
        ...(need.namespace === undefined ? {} : { namespace: need.namespace }),
        ...(need.name === undefined ? {} : { name: need.name }),
      };
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: attributes },
      };
      const { status } = replySchema.parse(await api.call('POST', REVIEW, { body }));
      const rule = `apiGroups: ["${need.group}"], resources: ["${need.resource}"], verbs: ["${need.verb}"]`;
      return {
        name,
        state: status.allowed ? 'pass' : 'fail',
        detail: status.allowed
          ? 'Allowed.'
          : `Denied. Eyrie’s service account needs the rule { ${rule} }${where}.`,
        by: 'SelfSubjectAccessReview',
      };
    }),
  );
}
