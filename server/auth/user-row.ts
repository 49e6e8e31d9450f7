import { ROLES, type UserRow } from '../../core/wire/auth.ts';
import type { User } from '../../prisma/generated/client.ts';

export function toUserRow(user: User): UserRow {
  return {
    id: user.id,
    name: user.name,
    email: user.email,
    role: ROLES.find((role) => role === user.role) ?? 'viewer',
    disabled: user.disabled,
    createdAt: user.createdAt.toISOString(),
  };
}
