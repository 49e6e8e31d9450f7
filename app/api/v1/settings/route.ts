import { patchSettingsSchema } from '../../../../core/wire/settings.ts';
import { patchSettings, readSettings } from '../../../../server/settings/settings.ts';
import { handle } from '../../_lib/handle.ts';

export const GET = handle({ auth: 'viewer' }, ({ ctx }) => readSettings({ ctx }));

export const PATCH = handle({ auth: 'admin', body: patchSettingsSchema }, ({ ctx, body }) =>
  patchSettings({ ctx, input: body }),
);
