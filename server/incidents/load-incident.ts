import type { Incident, Prisma } from '../../prisma/generated/client.ts';
import { AppError } from '../errors.ts';

/** The incident, or not_found. */
export async function loadIncident(
  tx: Prisma.TransactionClient,
  clusterId: string,
  id: number,
): Promise<Incident> {
  const incident = await tx.incident.findFirst({ where: { id, clusterId } });
  if (incident === null) throw new AppError('not_found', `There is no incident INC-${id}.`);
  return incident;
}
