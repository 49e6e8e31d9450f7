import { randomUUID } from 'node:crypto';
import type { Role } from '../../core/wire/auth.ts';
import { Prisma, type User } from '../../prisma/generated/client.ts';
import { AppError } from '../errors.ts';

/**
 * Writes a user and the password account as the session engine expects them. Hash the password before
 * the transaction: scrypt takes a tenth of a second. Errors: conflict when the address is taken.
 */
export async function insertUser(
  tx: Prisma.TransactionClient,
  input: {
    readonly name: string;
    readonly email: string;
    readonly role: Role;
    readonly passwordHash: string;
  },
): Promise<User> {
  const id = randomUUID();
  try {
    return await tx.user.create({
      data: {
        id,
        name: input.name,
        email: input.email.toLowerCase(),
        role: input.role,
        accounts: {
          create: { id: randomUUID(), accountId: id, providerId: 'credential', password: input.passwordHash },
        },
      },
    });
  } catch (err) {
    if (err instanceof Prisma.PrismaClientKnownRequestError && err.code === 'P2002') {
      throw new AppError('conflict', 'A user with this e-mail address exists.', { reason: 'email_taken' });
    }
    throw err;
  }
}
