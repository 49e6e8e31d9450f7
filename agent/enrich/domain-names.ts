import { lookup } from 'node:dns/promises';
import { z } from 'zod';
import type { PreflightItem } from '../../core/wire/agents.ts';
import { kubeGet } from './kube-client.ts';
import { kubeAccess } from './kube-config.ts';

/** Addresses of services move seldom, those of the world's names within minutes. */
const EVERY_MS = 300_000;
const AT_ONCE = 8;
const ADDRESSES_PER_NAME_MAX = 64;
const SERVICE = /^([a-z0-9-]{1,63})\.([a-z0-9-]{1,63})\.svc(?:\.[a-z0-9.-]+)?$/;
const serviceSchema = z.object({ spec: z.object({ clusterIPs: z.array(z.string()).max(8).default([]) }) });

export type DomainNamesOptions = {
  /** Addresses of a name. Errors: rejects when it has none now. */
  readonly resolve: (name: string) => Promise<readonly string[]>;
  readonly everyMs?: number;
};

/**
 * Keeps the addresses of the domain names that rules ask for, looked up beside the events and never for one.
 * A name that cannot be resolved any more keeps the addresses it had. Source: Falco's fd.sip.name, which
 * resolves the names of the rules and not the addresses of the events.
 */
export class DomainNames {
  /** Address → the asked names that have it. Replaced as a whole. */
  byAddress: ReadonlyMap<string, readonly string[]> = new Map();
  readonly #options: DomainNamesOptions;
  readonly #known = new Map<string, readonly string[]>();
  #asked: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(options: DomainNamesOptions) {
    this.#options = options;
  }

  /** Which names are asked for from now on; resolves when each was looked up once. */
  async ask(names: ReadonlySet<string>): Promise<void> {
    this.#asked = names;
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
    clearInterval(this.#timer);
    this.#timer = undefined;
    await this.#running;
    if (names !== this.#asked) return;
    this.#publish();
    if (names.size === 0) return;
    this.#timer = setInterval(() => void this.#refresh(), this.#options.everyMs ?? EVERY_MS);
    this.#timer.unref();
    await this.#refresh();
  }

  /** Undefined while no rule asks. */
  get health(): PreflightItem | undefined {
    if (this.#asked.size === 0) return undefined;
    const open = [...this.#asked].filter((name) => !this.#known.has(name));
    const first = open.slice(0, 8).join(', ') + (open.length > 8 ? ' …' : '');
    const detail =
      open.length === 0
        ? `all ${this.#asked.size} names that rules ask for have addresses`
        : `${open.length} of ${this.#asked.size} names that rules ask for have no address from here: ${first}`;
    return { name: 'domain_names', state: 'ok', detail: detail.slice(0, 1_024) };
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#asked = new Set();
  }

  #refresh(): Promise<void> {
    this.#running ??= this.#resolveAll().finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #resolveAll(): Promise<void> {
    const queue = [...this.#asked];
    const work = async () => {
      for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
        const found = await this.#options.resolve(name).catch(() => []);
        if (found.length > 0 && this.#asked.has(name))
          this.#known.set(name, found.slice(0, ADDRESSES_PER_NAME_MAX));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    this.#publish();
  }

  #publish(): void {
    const byAddress = new Map<string, string[]>();
    for (const name of this.#asked)
      for (const address of this.#known.get(name) ?? [])
        byAddress.set(address, [...(byAddress.get(address) ?? []), name]);
    this.byAddress = byAddress;
  }
}

/**
 * Addresses of a name: a service's from the API server, where that may be asked, since a node's resolver knows no
 * names of the cluster; any other, and a service that the API does not tell, from the resolver.
 * Errors: rejects as the resolver does.
 */
export async function resolveDomain(
  name: string,
  kubeconfig: string | undefined,
): Promise<readonly string[]> {
  const [, service, namespace] = SERVICE.exec(name) ?? [];
  if (kubeconfig !== undefined && service !== undefined) {
    const path = `/api/v1/namespaces/${namespace}/services/${service}`;
    const addresses = await clusterIps(kubeconfig, path).catch(() => []);
    if (addresses.length > 0) return addresses;
  }
  return (await lookup(name, { all: true })).map(({ address }) => address);
}

async function clusterIps(kubeconfig: string, path: string): Promise<readonly string[]> {
  const found = await kubeGet(kubeAccess(kubeconfig), { path, signal: AbortSignal.timeout(5_000) });
  // "None" is what a headless service has.
  return serviceSchema.parse(found).spec.clusterIPs.filter((address) => address !== 'None');
}
