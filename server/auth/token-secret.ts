import { createHash, randomBytes } from 'node:crypto';
import type { TOKEN_KINDS } from '../../core/wire/auth.ts';

export type TokenKind = (typeof TOKEN_KINDS)[number];

const PREFIX: Record<TokenKind, string> = { agent: 'eyr_agt_', webhook: 'eyr_whk_', api: 'eyr_api_' };
const SHAPE = /^eyr_(?:agt|whk|api)_[A-Za-z0-9_-]{43}$/;

/** A new secret: kind prefix and 32 random bytes. Only its SHA-256 is ever stored. */
export function newTokenSecret(kind: TokenKind): string {
  return PREFIX[kind] + randomBytes(32).toString('base64url');
}

/** SHA-256 hex of a secret; undefined when the text cannot be one, which saves the look-up. */
export function tokenHash(secret: string): string | undefined {
  return SHAPE.test(secret) ? sha256Hex(secret) : undefined;
}

export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
