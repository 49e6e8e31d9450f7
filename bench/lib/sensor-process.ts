import { startSensor } from '../../agent/sensor.ts';

/**
 * The sensor as the agent runs it, in a process of its own so that its processor time is its own.
 * argv: probe path, `default` or `all` opens. Answers each line on stdin with its counters as JSON.
 */
const [probePath = '', opens] = process.argv.slice(2);
const sensor = await startSensor({
  probePath,
  probe: opens === 'all' ? { readHost: 'all' } : { readHost: 'prefix' },
  log: (line) => process.stderr.write(`${line}\n`),
  onEvent: () => undefined,
  onDrops: () => undefined,
});
const reply = () => {
  const { user, system } = process.cpuUsage();
  const own = { cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage().rss };
  process.stdout.write(`${JSON.stringify({ ...sensor.counters(), probePid: sensor.hello.pid, ...own })}\n`);
};
reply();
process.stdin.on('data', reply);
process.stdin.on('end', () => void sensor.stop());
