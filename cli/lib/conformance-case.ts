import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export type Outcome =
  | { readonly status: 'passed' }
  | { readonly status: 'failed'; readonly why: string }
  | { readonly status: 'skipped'; readonly why: string };

/** One thing to check: what it is called, and how to. Cases of one `group` share work and run in a row. */
export type Check = { readonly id: string; readonly kind: string; readonly run: () => Promise<Outcome> };

/** Faults of one case shown; the rest is counted. */
const FAULTS_SHOWN = 8;

export function outcomeOf(faults: readonly string[]): Outcome {
  if (faults.length === 0) return { status: 'passed' };
  const more = faults.length > FAULTS_SHOWN ? `; and ${faults.length - FAULTS_SHOWN} more` : '';
  return { status: 'failed', why: faults.slice(0, FAULTS_SHOWN).join('; ') + more };
}

/** A corpus directory. */
export class Corpus {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  path(...parts: readonly string[]): string {
    return join(this.directory, ...parts);
  }

  has(...parts: readonly string[]): boolean {
    return existsSync(this.path(...parts));
  }

  text(...parts: readonly string[]): string {
    return readFileSync(this.path(...parts), 'utf8');
  }

  /** Lines of a tab-separated file without its heading. */
  rows(path: string): readonly (readonly string[])[] {
    return this.text(path)
      .split('\n')
      .slice(1)
      .filter((line) => line !== '')
      .map((line) => line.split('\t'));
  }
}

export function list<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? (value as readonly T[]) : [value as T];
}
