-- Search in summaries needs trigrams; the extension ships with every PostgreSQL distribution (contrib).
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- CreateTable
CREATE TABLE "cluster" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "cluster_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "agent" (
    "shard" SMALLINT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "id" UUID NOT NULL,
    "node" TEXT NOT NULL,
    "version" TEXT NOT NULL DEFAULT '',
    "kernel" TEXT,
    "started_at" TIMESTAMPTZ(6) NOT NULL,
    "enrolled_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seen_at" TIMESTAMPTZ(6) NOT NULL,
    "last_event_at" TIMESTAMPTZ(6),
    "epoch" BIGINT NOT NULL DEFAULT 0,
    "acked_seq" BIGINT NOT NULL DEFAULT 0,
    "prior_epochs" JSONB NOT NULL DEFAULT '{}',
    "clock_skew_ms" INTEGER NOT NULL DEFAULT 0,
    "preflight" JSONB NOT NULL DEFAULT '[]',
    "counters" JSONB NOT NULL DEFAULT '{}',
    "counters_delta" JSONB NOT NULL DEFAULT '{}',
    "spool" JSONB NOT NULL DEFAULT '{}',
    "resident_bytes" BIGINT,
    "cpu_fraction" DOUBLE PRECISION,
    "ruleset_version" TEXT NOT NULL DEFAULT '',
    "ruleset_refused" JSONB,

    CONSTRAINT "agent_pkey" PRIMARY KEY ("shard","cluster_id","id")
);

-- CreateTable
CREATE TABLE "agent_directory" (
    "id" UUID NOT NULL,
    "shard" SMALLINT NOT NULL,
    "cluster_id" TEXT NOT NULL,

    CONSTRAINT "agent_directory_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "event" (
    "shard" SMALLINT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "time" TIMESTAMPTZ(6) NOT NULL,
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "epoch" BIGINT NOT NULL,
    "seq" BIGINT NOT NULL,
    "received_at" TIMESTAMPTZ(6) NOT NULL,
    "source" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "categories" TEXT[] NOT NULL,
    "outcome" TEXT NOT NULL,
    "priority" SMALLINT NOT NULL,
    "rule" TEXT,
    "output" TEXT,
    "tags" TEXT[] NOT NULL,
    "summary" TEXT NOT NULL,
    "node" TEXT,
    "namespace" TEXT,
    "pod" TEXT,
    "pod_uid" TEXT,
    "container" TEXT,
    "container_id" TEXT,
    "image" TEXT,
    "workload" TEXT,
    "service_account" TEXT,
    "user" TEXT,
    "process" TEXT,
    "pid" INTEGER,
    "peer" TEXT,
    "object" TEXT,
    "enrichment" TEXT NOT NULL,
    "fields" JSONB NOT NULL,
    "raw" JSONB,

    CONSTRAINT "event_pkey" PRIMARY KEY ("shard","cluster_id","time","id")
) PARTITION BY RANGE ("time");

-- CreateTable
CREATE TABLE "event_rollup" (
    "shard" SMALLINT NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "minute" TIMESTAMPTZ(6) NOT NULL,
    "metric" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "priority" SMALLINT NOT NULL,
    "rule" TEXT NOT NULL,
    "namespace" TEXT NOT NULL,
    "workload" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "event_rollup_pkey" PRIMARY KEY ("shard","cluster_id","minute","metric","source","priority","rule","namespace","workload")
) WITH (fillfactor = 80);

-- CreateTable
CREATE TABLE "gap" (
    "id" BIGSERIAL NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "node" TEXT,
    "start_at" TIMESTAMPTZ(6) NOT NULL,
    "end_at" TIMESTAMPTZ(6) NOT NULL,
    "cause" TEXT NOT NULL,
    "count" BIGINT,
    "detail" TEXT,
    "agent_id" UUID,
    "epoch" BIGINT,
    "seq" BIGINT,
    "open" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "gap_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident" (
    "id" SERIAL NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "title" TEXT NOT NULL,
    "summary" TEXT NOT NULL DEFAULT '',
    "priority" SMALLINT NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'open',
    "phase" TEXT NOT NULL DEFAULT 'triage',
    "owner" TEXT,
    "opened_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "closed_at" TIMESTAMPTZ(6),
    "first_event_at" TIMESTAMPTZ(6) NOT NULL,
    "last_event_at" TIMESTAMPTZ(6) NOT NULL,
    "event_count" INTEGER NOT NULL DEFAULT 0,
    "correlation_key" TEXT,
    "entities" JSONB NOT NULL DEFAULT '[]',
    "checklist" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "incident_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident_entry" (
    "id" BIGSERIAL NOT NULL,
    "incident_id" INTEGER NOT NULL,
    "time" TIMESTAMPTZ(6) NOT NULL,
    "kind" TEXT NOT NULL,
    "actor" TEXT,
    "source" TEXT,
    "priority" SMALLINT,
    "rule" TEXT,
    "summary" TEXT NOT NULL,
    "lane" TEXT NOT NULL,
    "namespace" TEXT,
    "pod" TEXT,
    "node" TEXT,
    "user" TEXT,
    "process" TEXT,
    "object" TEXT,
    "outcome" TEXT,
    "event_shard" SMALLINT,
    "event_cluster" TEXT,
    "event_time" TIMESTAMPTZ(6),
    "event_id" UUID,
    "action_id" UUID,
    "count" INTEGER NOT NULL DEFAULT 1,
    "data" JSONB,
    "dedupe_key" TEXT NOT NULL,

    CONSTRAINT "incident_entry_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "incident_member" (
    "incident_id" INTEGER NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "entity" TEXT NOT NULL,
    "last_at" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "incident_member_pkey" PRIMARY KEY ("incident_id","entity")
);

-- CreateTable
CREATE TABLE "action" (
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "target" JSONB NOT NULL,
    "status" TEXT NOT NULL DEFAULT 'running',
    "proof" TEXT NOT NULL DEFAULT 'not_applicable',
    "proof_detail" TEXT,
    "actor_id" TEXT,
    "actor" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "incident_id" INTEGER,
    "preview" JSONB,
    "pre_image" JSONB,
    "post_image" JSONB,
    "error" TEXT,
    "undo_of" UUID,
    "undone_by" UUID,
    "idempotency_key" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "ended_at" TIMESTAMPTZ(6),

    CONSTRAINT "action_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "email_verified" BOOLEAN NOT NULL DEFAULT false,
    "image" TEXT,
    "role" TEXT NOT NULL DEFAULT 'viewer',
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "session" (
    "id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "token" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "ip_address" TEXT,
    "user_agent" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "account" (
    "id" TEXT NOT NULL,
    "account_id" TEXT NOT NULL,
    "provider_id" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "access_token" TEXT,
    "refresh_token" TEXT,
    "id_token" TEXT,
    "access_token_expires_at" TIMESTAMPTZ(6),
    "refresh_token_expires_at" TIMESTAMPTZ(6),
    "scope" TEXT,
    "password" TEXT,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "account_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "verification" (
    "id" TEXT NOT NULL,
    "identifier" TEXT NOT NULL,
    "value" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(6) NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "verification_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "token" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "role" TEXT,
    "prefix" TEXT NOT NULL,
    "hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(6),
    "revoked_at" TIMESTAMPTZ(6),

    CONSTRAINT "token_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "audit_trail" (
    "id" BIGSERIAL NOT NULL,
    "time" TIMESTAMPTZ(6) NOT NULL,
    "actor" TEXT NOT NULL,
    "verb" TEXT NOT NULL,
    "target" TEXT NOT NULL,
    "detail" JSONB NOT NULL,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "audit_trail_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "setting" (
    "key" TEXT NOT NULL,
    "value" JSONB NOT NULL,
    "updated_at" TIMESTAMPTZ(6) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "setting_pkey" PRIMARY KEY ("key")
);

-- CreateIndex
CREATE INDEX "event_time_id_idx" ON "event"("time", "id");

-- CreateIndex
CREATE INDEX "event_time_brin_idx" ON "event" USING BRIN ("time");

-- CreateIndex
CREATE INDEX "event_summary_trgm_idx" ON "event" USING GIN ("summary" gin_trgm_ops);

-- CreateIndex
CREATE INDEX "event_rollup_metric_minute_idx" ON "event_rollup"("metric", "minute");

-- CreateIndex
CREATE INDEX "gap_cluster_id_end_at_idx" ON "gap"("cluster_id", "end_at");

-- CreateIndex
CREATE UNIQUE INDEX "gap_agent_id_epoch_seq_cause_key" ON "gap"("agent_id", "epoch", "seq", "cause");

-- CreateIndex
CREATE INDEX "incident_status_last_event_at_idx" ON "incident"("status", "last_event_at");

-- CreateIndex
CREATE INDEX "incident_cluster_id_correlation_key_idx" ON "incident"("cluster_id", "correlation_key");

-- CreateIndex
CREATE INDEX "incident_entry_incident_id_time_id_idx" ON "incident_entry"("incident_id", "time", "id");

-- CreateIndex
CREATE INDEX "incident_entry_event_id_idx" ON "incident_entry"("event_id");

-- CreateIndex
CREATE UNIQUE INDEX "incident_entry_incident_id_dedupe_key_key" ON "incident_entry"("incident_id", "dedupe_key");

-- CreateIndex
CREATE INDEX "incident_member_cluster_id_entity_last_at_idx" ON "incident_member"("cluster_id", "entity", "last_at");

-- CreateIndex
CREATE UNIQUE INDEX "action_idempotency_key_key" ON "action"("idempotency_key");

-- CreateIndex
CREATE INDEX "action_started_at_id_idx" ON "action"("started_at", "id");

-- CreateIndex
CREATE INDEX "action_incident_id_idx" ON "action"("incident_id");

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE UNIQUE INDEX "session_token_key" ON "session"("token");

-- CreateIndex
CREATE INDEX "session_user_id_idx" ON "session"("user_id");

-- CreateIndex
CREATE INDEX "account_user_id_idx" ON "account"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "account_provider_id_account_id_key" ON "account"("provider_id", "account_id");

-- CreateIndex
CREATE INDEX "verification_identifier_idx" ON "verification"("identifier");

-- CreateIndex
CREATE UNIQUE INDEX "token_hash_key" ON "token"("hash");

-- AddForeignKey
ALTER TABLE "incident_entry" ADD CONSTRAINT "incident_entry_incident_id_fkey" FOREIGN KEY ("incident_id") REFERENCES "incident"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "incident_member" ADD CONSTRAINT "incident_member_incident_id_fkey" FOREIGN KEY ("incident_id") REFERENCES "incident"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "session" ADD CONSTRAINT "session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account" ADD CONSTRAINT "account_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Partial indexes: most events have no rule, many no pod; only rows that can match are indexed.
CREATE INDEX "event_rule_time_idx" ON "event" ("rule", "time") WHERE "rule" IS NOT NULL;
CREATE INDEX "event_alert_time_idx" ON "event" ("time", "id") WHERE "rule" IS NOT NULL;
CREATE INDEX "event_alert_received_idx" ON "event" ("received_at") WHERE "rule" IS NOT NULL;
CREATE INDEX "event_pod_time_idx" ON "event" ("namespace", "pod", "time") WHERE "namespace" IS NOT NULL;
CREATE INDEX "event_user_time_idx" ON "event" ("user", "time") WHERE "user" IS NOT NULL;
CREATE INDEX "event_container_time_idx" ON "event" ("container_id", "time") WHERE "container_id" IS NOT NULL;

-- The categories that KPIs count, newest first. server/events/scope-sql.ts repeats this predicate word for
-- word where a read selects one of them, or the planner cannot use the index.
CREATE INDEX "event_kpi_time_idx" ON "event" ("time", "id") WHERE "categories" &&
  ARRAY['auth_failure','rbac_denial','admission_denial','psa_violation','psa_exempt','secret_read','exec',
        'attach','port_forward','rbac_change','delete']::text[];

-- One silence of an agent at a time.
CREATE UNIQUE INDEX "gap_open_agent_down_key" ON "gap" ("agent_id") WHERE "open" AND "cause" = 'agent_down';

ALTER TABLE "event" ADD CONSTRAINT "event_priority_check" CHECK ("priority" BETWEEN 0 AND 7);
ALTER TABLE "incident" ADD CONSTRAINT "incident_status_check" CHECK ("status" IN ('open', 'closed'));
ALTER TABLE "gap" ADD CONSTRAINT "gap_order_check" CHECK ("start_at" <= "end_at");

-- The audit trail only grows: a change of a row would break the hash chain, and is refused before that.
CREATE FUNCTION audit_trail_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_trail is append-only';
END
$$;
CREATE TRIGGER audit_trail_append_only BEFORE UPDATE OR DELETE ON "audit_trail"
  FOR EACH ROW EXECUTE FUNCTION audit_trail_append_only();
CREATE TRIGGER audit_trail_no_truncate BEFORE TRUNCATE ON "audit_trail"
  FOR EACH STATEMENT EXECUTE FUNCTION audit_trail_append_only();
