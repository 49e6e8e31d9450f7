import { FLAG_TABLES } from './flag-tables.ts';

/** Names and values in printing order. */
export type FlagTable = readonly { readonly name: string; readonly value: number }[];

const tables = new Map<string, FlagTable>();
for (const line of FLAG_TABLES.trim().split('\n')) {
  const [table = '', ...entries] = line.split(' ');
  tables.set(
    table,
    entries.map((entry) => {
      const equals = entry.lastIndexOf('=');
      return { name: entry.slice(0, equals), value: Number(entry.slice(equals + 1)) };
    }),
  );
}

/** Table by name; undefined for a name that the tables do not hold. */
export function flagTable(name: string): FlagTable | undefined {
  return tables.get(name);
}
