import { Counter, Histogram, Registry } from 'prom-client';
import { CATEGORIES } from '../../core/events/event.ts';
import { requireRole } from '../auth/require-role.ts';
import type { Ctx } from '../context.ts';
import type { Stored } from './store-batch.ts';

export type IngestMetrics = {
  readonly registry: Registry;
  readonly transactionSeconds: Histogram;
  readonly refusedBatches: Counter;
  readonly count: (stored: Stored) => void;
};

/** Bundles of different routes are different module graphs; the counters of a process must be one set. */
const holder = globalThis as typeof globalThis & { eyrieMetrics?: IngestMetrics };

/** The process's ingest counters; labels have few values on purpose: no pod or rule names. */
export function ingestMetrics(): IngestMetrics {
  holder.eyrieMetrics ??= create();
  return holder.eyrieMetrics;
}

function create(): IngestMetrics {
  const registry = new Registry();
  const registers = [registry];
  const events = new Counter({
    name: 'eyrie_ingest_events_total',
    help: 'Events stored',
    labelNames: ['source'] as const,
    registers,
  });
  const alerts = new Counter({
    name: 'eyrie_ingest_alerts_total',
    help: 'Events stored that a rule matched, by priority number',
    labelNames: ['priority'] as const,
    registers,
  });
  const categories = new Counter({
    name: 'eyrie_ingest_category_total',
    help: 'Events stored by category; what the KPIs count',
    labelNames: ['category'] as const,
    registers,
  });
  for (const category of CATEGORIES) categories.inc({ category }, 0);
  const rejected = new Counter({ name: 'eyrie_ingest_rejected_total', help: 'Items refused', registers });
  const duplicates = new Counter({
    name: 'eyrie_ingest_duplicate_total',
    help: 'Items that were stored already',
    registers,
  });
  return {
    registry,
    transactionSeconds: new Histogram({
      name: 'eyrie_ingest_transaction_seconds',
      help: 'Duration of ingest transactions, commit included',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    refusedBatches: new Counter({
      name: 'eyrie_ingest_refused_batches_total',
      help: 'Batches told to come back because too many were waiting',
      registers,
    }),
    count: (stored) => {
      for (const { item } of stored.rows) {
        events.inc({ source: item.source });
        if (item.rule !== undefined) alerts.inc({ priority: item.priority });
        for (const category of item.categories) categories.inc({ category });
      }
      rejected.inc(stored.rejected.length);
      duplicates.inc(stored.duplicate);
    },
  };
}

/** The counters in Prometheus' text format. */
export async function metricsText({ ctx }: { ctx: Ctx }): Promise<{ text: string; type: string }> {
  requireRole(ctx, 'viewer');
  const { registry } = ingestMetrics();
  return { text: await registry.metrics(), type: registry.contentType };
}
