import { previewRequestSchema } from '../../../../../core/wire/actions.ts';
import { previewAction } from '../../../../../server/actions/preview.ts';
import { handle } from '../../../_lib/handle.ts';

/** POST although it changes nothing: the request is too structured for a query string. */
export const POST = handle({ auth: 'responder', body: previewRequestSchema }, ({ ctx, body }) =>
  previewAction({ ctx, input: body }),
);
