import { CliError } from './lib/report.ts';

type Command = { readonly help: string; readonly run: () => Promise<(argv: string[]) => Promise<number>> };

/** Every command loads its own code, so that one broken or missing part does not stop the others. */
const COMMANDS: Readonly<Record<string, Command>> = {
  up: { help: 'set up and run everything on this machine', run: async () => (await import('./up.ts')).runUp },
  agent: { help: 'run the node agent alone', run: async () => (await import('./agent.ts')).runAgentCommand },
  migrate: {
    help: 'apply or show database migrations',
    run: async () => (await import('./migrate.ts')).runMigrate,
  },
  test: { help: 'run the tests', run: async () => (await import('./test.ts')).runTest },
  cluster: {
    help: 'the one-node test cluster and its attack scenarios',
    run: async () => (await import('./cluster.ts')).runCluster,
  },
  rules: { help: 'check or explain rule files', run: async () => (await import('./rules.ts')).runRules },
  replay: {
    help: 'run rules over a capture or audit events',
    run: async () => (await import('./replay.ts')).runReplay,
  },
  inspect: {
    help: "print, count or sum up a capture's events",
    run: async () => (await import('./inspect.ts')).runInspect,
  },
  conformance: {
    help: 'run a corpus of rules, captures and expected answers',
    run: async () => (await import('./conformance.ts')).runConformance,
  },
  fuzz: {
    help: 'feed hostile input to parser, rule loader and audit mapping',
    run: async () => (await import('./fuzz.ts')).runFuzz,
  },
  bench: {
    help: 'measure beside the peer or the limit',
    run: async () => (await import('./bench.ts')).runBench,
  },
  export: { help: "export an incident's timeline", run: async () => (await import('./export.ts')).runExport },
  doctor: {
    help: 'check kernel, permissions, tools, ports, database, cluster',
    run: async () => (await import('./doctor.ts')).runDoctor,
  },
};

function usage(): string {
  const rows = Object.entries(COMMANDS).map(([name, command]) => `  ${name.padEnd(12)} ${command.help}`);
  return `Eyrie: Kubernetes runtime security on your own machine.\n\nUsage: ./eyrie COMMAND [options]   (COMMAND --help for its options)\n\n${rows.join('\n')}\n`;
}

async function main(argv: string[]): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage());
    return name === undefined ? 2 : 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(`eyrie: unknown command '${name}'\n\n${usage()}`);
    return 2;
  }
  const run = await command.run();
  return run(rest);
}

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (err: NodeJS.ErrnoException) => {
  if (err.code !== 'EPIPE') throw err;
  process.exit(0);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (err) {
  if (err instanceof CliError) {
    process.stderr.write(`eyrie: ${err.message}\n`);
    process.exitCode = err.exitCode;
  } else if (err instanceof TypeError && 'code' in err && String(err.code).startsWith('ERR_PARSE_ARGS')) {
    process.stderr.write(`eyrie: ${err.message}\nSee --help.\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`eyrie: ${err instanceof Error ? (err.stack ?? err.message) : String(err)}\n`);
    process.exitCode = 1;
  }
}
