-- Orders to agents and what came of them.
ALTER TABLE "agent" ADD COLUMN "commands" JSONB NOT NULL DEFAULT '[]';

CREATE TABLE "command" (
    "id" UUID NOT NULL,
    "cluster_id" TEXT NOT NULL,
    "agent_id" UUID NOT NULL,
    "node" TEXT NOT NULL,
    "kind" TEXT NOT NULL,
    "target" JSONB NOT NULL,
    "params" JSONB NOT NULL DEFAULT '{}',
    "scope" JSONB NOT NULL DEFAULT '{}',
    "state" TEXT NOT NULL DEFAULT 'requested',
    "cancel_requested" BOOLEAN NOT NULL DEFAULT false,
    "actor_id" TEXT,
    "actor" TEXT NOT NULL,
    "reason" TEXT NOT NULL DEFAULT '',
    "incident_id" INTEGER,
    "undo_of" UUID,
    "undone_by" UUID,
    "idempotency_key" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(6) NOT NULL,
    "delivered_at" TIMESTAMPTZ(6),
    "started_at" TIMESTAMPTZ(6),
    "ended_at" TIMESTAMPTZ(6),
    "deliver_by" TIMESTAMPTZ(6) NOT NULL,
    "deadline" TIMESTAMPTZ(6) NOT NULL,
    "summary" TEXT,
    "notes" JSONB NOT NULL DEFAULT '[]',
    "error" TEXT,
    "artifact" JSONB,
    "artifact_bytes" INTEGER NOT NULL DEFAULT 0,
    "artifact_kept" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "command_pkey" PRIMARY KEY ("id"),
    CONSTRAINT "command_state_check" CHECK ("state" IN ('requested', 'delivered', 'running', 'done', 'failed', 'expired', 'cancelled')),
    CONSTRAINT "command_bytes_check" CHECK ("artifact_bytes" BETWEEN 0 AND 67108864)
);

CREATE UNIQUE INDEX "command_idempotency_key_key" ON "command"("idempotency_key");
CREATE INDEX "command_requested_at_id_idx" ON "command"("requested_at", "id");
CREATE INDEX "command_agent_id_requested_at_idx" ON "command"("agent_id", "requested_at");
CREATE INDEX "command_incident_id_idx" ON "command"("incident_id");
-- Every heartbeat asks for the open ones of its agent.
CREATE INDEX "command_open_idx" ON "command"("agent_id") WHERE "state" IN ('requested', 'delivered', 'running');

CREATE TABLE "command_chunk" (
    "command_id" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "bytes" BYTEA NOT NULL,

    CONSTRAINT "command_chunk_pkey" PRIMARY KEY ("command_id", "index"),
    CONSTRAINT "command_chunk_command_id_fkey" FOREIGN KEY ("command_id") REFERENCES "command"("id") ON DELETE CASCADE ON UPDATE CASCADE
);
