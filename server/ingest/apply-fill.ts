import type { PoolClient } from 'pg';
import type { Category, Source } from '../../core/events/event.ts';
import { imageRepository, imageTag } from '../../core/fields/container.ts';
import type { IngestItem } from '../../core/wire/ingest.ts';
import type { RollupDelta } from './rollup.ts';

export type FillItem = Extract<IngestItem, { k: 'fill' }>;

/** A fill that comes later than this after its events finds them as they are: without pod. */
const LOOK_BACK_MS = 24 * 3600 * 1000;

type Filled = {
  minute: string;
  source: Source;
  categories: Category[];
  priority: number;
  rule: string | null;
  namespace: string | null;
  workload: string | null;
};

/**
 * Writes late pod metadata into the stored events of a container that still lack pod or name, and moves their
 * counts in the rollups from "no namespace" to the namespace now known.
 */
export async function applyFill(
  client: PoolClient,
  input: {
    readonly shard: number;
    readonly clusterId: string;
    readonly item: FillItem;
    readonly now: Date;
    readonly delta: RollupDelta;
  },
): Promise<void> {
  const { item, delta } = input;
  const fields: Record<string, string> = { 'k8s.ns.name': item.namespace, 'k8s.pod.name': item.pod };
  fields['k8s.pod.uid'] = item.podUid;
  if (item.container !== undefined) fields['container.name'] = item.container;
  if (item.image !== undefined) {
    fields['container.image'] = item.image;
    fields['container.image.repository'] = imageRepository(item.image);
    const tag = imageTag(item.image);
    if (tag !== undefined) fields['container.image.tag'] = tag;
  }
  const found = await client.query<Filled>({
    name: 'event-fill',
    // Both sides of the old values are needed, so the rows are locked and read before they change.
    text: `WITH old AS (
             SELECT time, id, namespace, workload FROM event
              WHERE shard = $1 AND cluster_id = $2 AND container_id = $3 AND time >= $4 AND time < $5
                AND (pod IS NULL OR (container IS NULL AND $9::text IS NOT NULL)))
           UPDATE event e
              SET namespace = $6, pod = $7, pod_uid = $8, container = coalesce($9, e.container),
                  image = coalesce($10, e.image), workload = coalesce($11, e.workload),
                  service_account = coalesce($12, e.service_account), enrichment = 'filled',
                  fields = e.fields || $13::jsonb
             FROM old
            WHERE e.shard = $1 AND e.cluster_id = $2 AND e.time = old.time AND e.id = old.id
              AND e.time >= $4 AND e.time < $5
           RETURNING floor(extract(epoch FROM e.time) / 60)::bigint AS minute, e.source, e.categories,
                     e.priority, e.rule, old.namespace, old.workload`,
    values: [
      input.shard,
      input.clusterId,
      item.containerId,
      new Date(input.now.getTime() - LOOK_BACK_MS),
      new Date(input.now.getTime() + LOOK_BACK_MS),
      item.namespace,
      item.pod,
      item.podUid,
      item.container ?? null,
      item.image ?? null,
      item.workload ?? null,
      item.serviceAccount ?? null,
      JSON.stringify(fields),
    ],
  });
  for (const row of found.rows) {
    const minute = Number(row.minute);
    delta.add(row, minute, -1);
    delta.add({ ...row, namespace: item.namespace, workload: item.workload ?? row.workload }, minute, 1);
  }
}
