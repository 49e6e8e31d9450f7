-- SHA-256 of the secret that an agent made for itself; null until it has shown one.
ALTER TABLE "agent_directory" ADD COLUMN "secret_hash" TEXT;
