import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { EXPORT_FORMATS } from '../core/wire/incidents.ts';
import { problemSchema } from '../core/wire/problem.ts';
import { CliError, step } from './lib/report.ts';

const HELP = `Usage: ./eyrie export INCIDENT --token-file FILE [options]

Writes an incident with its whole timeline; the same lines in every format. Goes to stdout without -o.

  --format FORMAT    ${EXPORT_FORMATS.join(', ')} (default json)
  -o, --output FILE  write here, readable by the owner alone
  --server URL       default http://127.0.0.1:3000
  --token-file FILE  holds an api token of role viewer or higher (Settings, Tokens)
`;
const TIMEOUT_MS = 60_000;

/** `eyrie export …`. Shape: the exit code. Errors: CliError 2 for wrong usage, 1 for a refused export. */
export async function runExport(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      format: { type: 'string', default: 'json' },
      output: { type: 'string', short: 'o' },
      server: { type: 'string', default: 'http://127.0.0.1:3000' },
      'token-file': { type: 'string' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [incident, ...more] = positionals;
  if (incident === undefined || more.length > 0)
    throw new CliError(`export needs one INCIDENT\n\n${HELP}`, 2);
  const number = /^(?:INC-)?(\d{1,9})$/i.exec(incident)?.[1];
  if (number === undefined) throw new CliError(`'${incident}' is not an incident: write 12 or INC-12`, 2);
  if (!EXPORT_FORMATS.some((format) => format === values.format)) {
    throw new CliError(`unknown format '${values.format}': ${EXPORT_FORMATS.join(', ')}`, 2);
  }
  const text = await fetchExport({
    url: exportUrl(values.server, number, values.format),
    token: readToken(values['token-file']),
  });
  if (values.output === undefined) {
    process.stdout.write(text);
    return 0;
  }
  writeFileSync(values.output, text, { mode: 0o600 });
  step(`INC-${number} is in ${values.output} (${Buffer.byteLength(text)} bytes)`);
  return 0;
}

function exportUrl(server: string, number: string, format: string): URL {
  try {
    return new URL(`/api/v1/incidents/${number}/export?format=${format}`, server);
  } catch {
    throw new CliError(`'${server}' is not a URL`, 2);
  }
}

function readToken(file: string | undefined): string {
  if (file === undefined)
    throw new CliError('export needs --token-file: make an api token under Settings, Tokens', 2);
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (err) {
    throw new CliError(
      `the token file is not readable: ${err instanceof Error ? err.message : String(err)}`,
      2,
    );
  }
}

async function fetchExport({ url, token }: { readonly url: URL; readonly token: string }): Promise<string> {
  let reply: Response;
  try {
    reply = await fetch(url, {
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      // A redirect could carry the token to another host.
      redirect: 'error',
    });
  } catch (err) {
    const cause = err instanceof Error && err.cause instanceof Error ? err.cause.message : String(err);
    throw new CliError(`${url.origin} does not answer: ${cause}`);
  }
  const text = await reply.text();
  if (reply.ok) return text;
  const problem = problemSchema.safeParse(parseJson(text));
  throw new CliError(problem.success ? problem.data.message : `${url.origin} answered ${reply.status}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
