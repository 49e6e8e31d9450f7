import { readFileSync, statSync } from 'node:fs';

const CHECK_INTERVAL_MS = 10_000;
const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** Names of users and groups of the host, read again when the files change. */
export type Users = {
  readonly userName: (uid: number) => string | undefined;
  readonly groupName: (gid: number) => string | undefined;
};

export function hostUsers(etc = '/etc', now: () => number = Date.now): Users {
  const users = nameFile(`${etc}/passwd`, now);
  const groups = nameFile(`${etc}/group`, now);
  return { userName: (uid) => users(uid), groupName: (gid) => groups(gid) };
}

/** passwd and group share their first three columns: name, password, id. */
function nameFile(path: string, now: () => number): (id: number) => string | undefined {
  let names: ReadonlyMap<number, string> = new Map();
  let checkedAt = Number.NEGATIVE_INFINITY;
  let changedAt = -1;
  return (id) => {
    if (now() - checkedAt >= CHECK_INTERVAL_MS) {
      checkedAt = now();
      try {
        const stat = statSync(path);
        if (stat.mtimeMs !== changedAt && stat.size <= FILE_BYTES_MAX)
          names = parse(readFileSync(path, 'utf8'));
        changedAt = stat.mtimeMs;
      } catch {
        // An absent or unreadable file leaves the names known so far.
      }
    }
    return names.get(id);
  };
}

function parse(text: string): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const line of text.split('\n')) {
    const [name, , id] = line.split(':');
    if (name && id && /^\d+$/.test(id) && !names.has(Number(id))) names.set(Number(id), name);
  }
  return names;
}
