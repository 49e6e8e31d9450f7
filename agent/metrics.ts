import { createServer, type Server } from 'node:http';

/** Renders numbers as Prometheus text; a name that ends in `_total` is a counter, any other a gauge. */
export function renderMetrics(values: Readonly<Record<string, number>>): string {
  const lines = Object.entries(values).flatMap(([name, value]) => {
    const metric = `eyrie_agent_${name.replace(/[^a-zA-Z0-9_]/g, '_')}`;
    const type = name.endsWith('_total') ? 'counter' : 'gauge';
    return Number.isFinite(value) ? [`# TYPE ${metric} ${type}`, `${metric} ${value}`] : [];
  });
  return `${lines.join('\n')}\n`;
}

/** Serves /metrics on loopback only. Errors: rejects when the port is taken. */
export async function serveMetrics(
  port: number,
  values: () => Readonly<Record<string, number>>,
): Promise<Server> {
  const server = createServer((req, res) => {
    if (req.method !== 'GET' || req.url !== '/metrics') {
      res.writeHead(404).end();
      return;
    }
    res.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(renderMetrics(values()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  server.unref();
  return server;
}
