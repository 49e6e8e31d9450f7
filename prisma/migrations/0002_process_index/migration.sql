-- proc.name is what filters name most often; without it a rare process is looked for in every event.
CREATE INDEX "event_process_time_idx" ON "event" ("process", "time") WHERE "process" IS NOT NULL;
