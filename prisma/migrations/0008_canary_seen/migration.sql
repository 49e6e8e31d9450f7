-- The agent's last canary that was stored: kept by the transaction that stored it.
ALTER TABLE "agent" ADD COLUMN "canary_seen" JSONB;
