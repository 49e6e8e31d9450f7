import { clusterStatus } from '../../../../server/cluster/cluster-status.ts';
import { handle } from '../../_lib/handle.ts';

export const GET = handle({ auth: 'viewer' }, ({ ctx }) => clusterStatus({ ctx }));
