import type { Role, TOKEN_KINDS } from '../../core/wire/auth.ts';

export const ROLE_LABEL: Record<Role, string> = {
  viewer: 'Viewer',
  responder: 'Responder',
  admin: 'Administrator',
};

export const ROLE_TEXT: Record<Role, string> = {
  viewer: 'reads everything, changes nothing',
  responder: 'works on incidents and acts on nodes and pods',
  admin: 'does all that, and manages users and tokens',
};

export const TOKEN_KIND_LABEL: Record<(typeof TOKEN_KINDS)[number], string> = {
  agent: 'Agent',
  webhook: 'Webhook',
  api: 'API',
};

export const TOKEN_KIND_TEXT: Record<(typeof TOKEN_KINDS)[number], string> = {
  agent: 'Sends batches and heartbeats from nodes; can read nothing.',
  webhook: 'Sends Kubernetes audit events or Falco alerts; can read nothing.',
  api: 'Calls the API with the role below.',
};
