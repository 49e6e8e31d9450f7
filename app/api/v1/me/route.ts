import { me } from '../../../../server/auth/me.ts';
import { handle } from '../../_lib/handle.ts';

export const GET = handle({ auth: 'viewer' }, ({ ctx }) => me({ ctx }));
