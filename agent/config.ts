import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { parse as parseYaml } from 'yaml';
import { z } from 'zod';
import { ACTIVITY_LEVELS } from '../core/wire/agents.ts';

const port = z.coerce.number().int().min(1).max(65_535);
const path = z
  .string()
  .min(1)
  .transform((value) => resolve(value));

/** `a,b` on the command line, a list in the file. */
const words = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(',').map((word) => word.trim()) : value),
  z.array(z.string().min(1).max(4_096)).min(1).max(64),
);

const configSchema = z
  .strictObject({
    /** Base URL of the server. */
    server: z.url({ protocol: /^https?$/ }),
    /** File with the agent's token; read for each request, so it can be rotated. */
    tokenFile: path,
    /** Spool, agent id and positions; must outlive the process. */
    data: path.default('/var/lib/eyrie-agent'),
    auditLog: path.optional(),
    /**
     * Logins, sudo, su and accounts: `auto` reads auth.log or secure with syslog or messages, else journald;
     * `journald`, `off`, or the files themselves.
     */
    nodeLogs: z.union([z.enum(['auto', 'journald', 'off']), words.pipe(z.array(path))]).default('auto'),
    /** Paths whose changes are alerts, `*` within a segment; `auto` stands for the default list; or `off`. */
    fileIntegrity: z
      .union([
        z.literal('off'),
        words.pipe(z.array(z.union([z.literal('auto'), z.string().startsWith('/')]))),
      ])
      .default(['auto']),
    /** YAML rules for the logs of containers, a file or a directory; none by default. */
    podLogRules: path.optional(),
    /** Default /var/log/pods. */
    podLogs: path.optional(),
    /** Rules of this node; loaded after those of the server. */
    rules: path.optional(),
    node: z
      .string()
      .min(1)
      .max(253)
      .default(() => hostname()),
    kubeconfig: path.optional(),
    /**
     * Socket of the container runtime, asked for names that the Kubernetes API does not tell yet. None by
     * default: whoever may talk to it is root on the node, and the agent otherwise needs no such right.
     */
    criSocket: path.optional(),
    /** Binary of the kernel probe, which the agent then starts. */
    probe: path.optional(),
    /** Where a process with the rights for it starts probes for this agent (probe/broker.ts). */
    probeSocket: path.optional(),
    noProbe: z.boolean().default(false),
    /** Leaves out memory, CPU, pids and OOM kills of containers, and the node's file systems. */
    noResources: z.boolean().default(false),
    /** Program with which processes are ended when an administrator asks; absent = never. */
    pidfdKill: path.optional(),
    /** Overrides the level that the server asks for. */
    activity: z.enum(ACTIVITY_LEVELS).optional(),
    /** Name the server must answer with; a token of another cluster is reported. */
    cluster: z.string().min(1).max(253).optional(),
    /** Prometheus metrics on 127.0.0.1; absent = none. */
    metricsPort: port.optional(),
    spoolMib: z.coerce.number().int().min(16).max(1_048_576).default(512),
  })
  .refine(
    ({ probe, probeSocket, noProbe }) =>
      [probe !== undefined, probeSocket !== undefined, noProbe].filter(Boolean).length <= 1,
    {
      message: 'give only one of --probe, --probe-socket and --no-probe',
    },
  );

type Env = Readonly<Record<string, string | undefined>>;

export type AgentConfig = z.output<typeof configSchema>;
export type ConfigResult =
  | { readonly ok: true; readonly config: AgentConfig }
  | { readonly ok: false; readonly faults: readonly string[] };

const OPTIONS = {
  server: { type: 'string' },
  'token-file': { type: 'string' },
  config: { type: 'string' },
  data: { type: 'string' },
  'audit-log': { type: 'string' },
  'node-logs': { type: 'string' },
  'file-integrity': { type: 'string' },
  'pod-log-rules': { type: 'string' },
  'pod-logs': { type: 'string' },
  rules: { type: 'string' },
  node: { type: 'string' },
  kubeconfig: { type: 'string' },
  'cri-socket': { type: 'string' },
  probe: { type: 'string' },
  'probe-socket': { type: 'string' },
  'no-probe': { type: 'boolean' },
  'no-resources': { type: 'boolean' },
  'pidfd-kill': { type: 'string' },
  activity: { type: 'string' },
  cluster: { type: 'string' },
  'metrics-port': { type: 'string' },
  'spool-mib': { type: 'string' },
} as const;

/**
 * Merges the command line over EYRIE_AGENT_* variables over the --config file (YAML, keys as the options).
 * Errors: { ok: false } with every fault found, each naming the option.
 */
export function readConfig(argv: readonly string[], env: Env = process.env): ConfigResult {
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: true });
    const { config: file, ...args } = values;
    const fromFile = file === undefined ? {} : readFile(file);
    const parsed = configSchema.safeParse({
      ...camelCased(fromFile),
      ...camelCased(fromEnv(env)),
      ...camelCased(args),
    });
    if (parsed.success) return { ok: true, config: parsed.data };
    return { ok: false, faults: parsed.error.issues.map(describe) };
  } catch (err) {
    return { ok: false, faults: [err instanceof Error ? err.message : String(err)] };
  }
}

function readFile(file: string): Record<string, unknown> {
  const value: unknown = parseYaml(readFileSync(file, 'utf8'), { maxAliasCount: 0 });
  if (value === null) return {};
  const parsed = z.record(z.string(), z.unknown()).safeParse(value);
  if (!parsed.success) throw new Error(`${file} does not hold a mapping of options`);
  return parsed.data;
}

function fromEnv(env: Env): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  for (const name of Object.keys(OPTIONS)) {
    const value = env[`EYRIE_AGENT_${name.toUpperCase().replaceAll('-', '_')}`];
    if (value !== undefined && value !== '') found[name] = name.startsWith('no-') ? value === 'true' : value;
  }
  return found;
}

function camelCased(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  );
}

function describe(issue: z.core.$ZodIssue): string {
  const name = issue.path.join('.').replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return name === '' ? issue.message : `--${name}: ${issue.message}`;
}
