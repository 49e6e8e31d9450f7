-- What each workload normally connects to, and how often. Small tables, not distributed: one row per workload, at
-- most 4,000 destinations of each (server/baselines/).
CREATE TABLE "baseline_workload" (
    "id" BIGSERIAL NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "workload" TEXT NOT NULL,
    "first_at" TIMESTAMPTZ(6) NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL,
    "minutes" INTEGER NOT NULL DEFAULT 0,
    "median" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "mad" DOUBLE PRECISION NOT NULL DEFAULT 0,
    "hour" TIMESTAMPTZ(6),
    "told" INTEGER NOT NULL DEFAULT 0,
    "untold" INTEGER NOT NULL DEFAULT 0,
    "untold_at" TIMESTAMPTZ(6),
    "untold_id" UUID,

    CONSTRAINT "baseline_workload_pkey" PRIMARY KEY ("id")
);
CREATE UNIQUE INDEX "baseline_workload_cluster_id_namespace_workload_key" ON "baseline_workload"("cluster_id", "namespace", "workload");

CREATE TABLE "baseline_destination" (
    "workload_id" BIGINT NOT NULL,
    "destination" TEXT NOT NULL,
    "is_network" BOOLEAN NOT NULL,
    "first_at" TIMESTAMPTZ(6) NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "baseline_destination_pkey" PRIMARY KEY ("workload_id", "destination"),
    CONSTRAINT "baseline_destination_workload_id_fkey" FOREIGN KEY ("workload_id") REFERENCES "baseline_workload"("id") ON DELETE CASCADE ON UPDATE CASCADE
);

-- Connections in the order of their arrival. server/baselines/read-connections.ts repeats the predicate word for word.
CREATE INDEX "event_connection_received_idx" ON "event" ("received_at") WHERE "categories" @> '{connection}'::text[];

-- Anomalous connections are counted, listed, streamed and correlated like the other categories of this index.
DROP INDEX "event_kpi_time_idx";
CREATE INDEX "event_kpi_time_idx" ON "event" ("time", "id") WHERE "categories" &&
  ARRAY['auth_failure','rbac_denial','admission_denial','psa_violation','psa_exempt','secret_read','exec',
        'attach','port_forward','rbac_change','delete','anomalous_connection']::text[];
