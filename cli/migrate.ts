import { parseArgs } from 'node:util';
import { env } from './lib/paths.ts';
import { CliError } from './lib/report.ts';

const HELP = `Usage: ./eyrie migrate [--status] [--database-url URL]

Applies the database migrations, or with --status shows which are applied and which are pending.
The database is --database-url, else DATABASE_URL. The bookkeeping is that of 'prisma migrate'.
`;

/** `eyrie migrate`: exit 1 when --status finds something pending. */
export async function runMigrate(argv: string[]): Promise<number> {
  const { values } = parseArgs({
    args: argv,
    options: {
      status: { type: 'boolean', default: false },
      'database-url': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const url = values['database-url'] ?? env.DATABASE_URL;
  if (url === undefined) throw new CliError(`no database named\n\n${HELP}`, 2);
  const { migrate, migrationStatus } = await import('../server/db/migrate.ts');
  if (values.status) {
    const rows = await migrationStatus(url);
    for (const row of rows) process.stdout.write(`${row.state.padEnd(8)} ${row.name}\n`);
    return rows.every((row) => row.state === 'applied') ? 0 : 1;
  }
  const applied = await migrate(url);
  process.stdout.write(
    applied.length === 0 ? 'nothing to apply\n' : applied.map((name) => `applied  ${name}\n`).join(''),
  );
  return 0;
}
