import { defineConfig } from 'prisma/config';

/** Authoring only (generate, migrate diff); the product migrates with server/db/migrate.ts. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: { url: process.env.DATABASE_URL ?? 'postgresql://127.0.0.1/eyrie' },
});
