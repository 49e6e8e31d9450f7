-- Events of what was started in a container from outside: few, and looked for by correlation as they arrive and
-- by pod, and so are the requests for it. server/correlate/exec-sessions.ts repeats the predicates word for word.
CREATE INDEX "event_entry_received_idx" ON "event" ("received_at")
  WHERE "fields"->>'container.entry.ts' IS NOT NULL;
CREATE INDEX "event_entry_pod_idx" ON "event" ("namespace", "pod", "time")
  WHERE "fields"->>'container.entry.ts' IS NOT NULL;
CREATE INDEX "event_exec_received_idx" ON "event" ("received_at") WHERE "categories" @> '{exec}'::text[];
