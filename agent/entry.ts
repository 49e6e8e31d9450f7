import { runAgent } from './main.ts';

process.exitCode = await runAgent(process.argv.slice(2));
