import { ROLES, TOKEN_KINDS, type TokenRow } from '../../core/wire/auth.ts';
import type { Token } from '../../prisma/generated/client.ts';

export function toTokenRow(token: Token): TokenRow {
  return {
    id: token.id,
    name: token.name,
    kind: TOKEN_KINDS.find((kind) => kind === token.kind) ?? 'api',
    role: ROLES.find((role) => role === token.role) ?? null,
    prefix: token.prefix,
    createdAt: token.createdAt.toISOString(),
    lastUsedAt: token.lastUsedAt?.toISOString() ?? null,
    revokedAt: token.revokedAt?.toISOString() ?? null,
  };
}
