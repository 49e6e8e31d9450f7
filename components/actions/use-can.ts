import { useQuery } from '@tanstack/react-query';
import { ROLES, type Role } from '../../core/wire/auth.ts';
import { meQuery } from '../api/account-queries.ts';
import { clusterQuery } from '../api/cluster-queries.ts';

export type Permission =
  | {
      readonly allowed: true;
      readonly label?: undefined;
      readonly reason?: undefined;
      readonly help?: undefined;
    }
  | {
      readonly allowed: false;
      readonly label: 'No access' | 'No cluster' | 'Preview';
      readonly reason: string;
      readonly help: string | undefined;
    };

/** Whether the signed-in user has at least a role; the server checks it again in every verb. */
export function useCan(role: Role): Permission {
  const me = useQuery(meQuery());
  const own = me.data?.user.role;
  if (own !== undefined && ROLES.indexOf(own) >= ROLES.indexOf(role)) return { allowed: true };
  const reason = own === undefined ? 'Your role is not known yet' : `Needs the role ${role}. Yours is ${own}`;
  return {
    allowed: false,
    label: own === undefined ? 'Preview' : 'No access',
    reason,
    help: own === undefined ? undefined : 'An administrator can grant it in Settings.',
  };
}

/** Whether actions on the cluster can be previewed, and if not, why and what would help. */
export function useCanAct(): Permission {
  const role = useCan('responder');
  const cluster = useQuery(clusterQuery());
  if (!role.allowed) return role;
  if (cluster.data === undefined)
    return {
      allowed: false,
      label: 'Preview',
      reason: 'The cluster’s state is not known yet',
      help: undefined,
    };
  const { configured, reachable, error, help } = cluster.data;
  if (!configured)
    return {
      allowed: false,
      label: 'No cluster',
      reason: 'No cluster is connected',
      help: help ?? undefined,
    };
  if (!reachable) {
    return {
      allowed: false,
      label: 'No cluster',
      reason: `The cluster cannot be reached. ${error ?? ''}`.trim(),
      help: help ?? undefined,
    };
  }
  return { allowed: true };
}
