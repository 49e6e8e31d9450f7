-- When the agent last ran its canary, and how often it does.
ALTER TABLE "agent" ADD COLUMN "canary" JSONB;
