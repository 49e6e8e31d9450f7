import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { contentHash } from '../../core/rules/content-hash.ts';
import { type LoadResult, loadRules, type RulesFile } from '../../core/rules/load.ts';
import type { Ruleset } from '../../core/rules/ruleset.ts';
import type { HeartbeatReply } from '../../core/wire/agents.ts';
import { writeFileDurably } from '../spool/epoch.ts';
import { readRuleFiles } from './rule-files.ts';

type PushedRuleset = NonNullable<HeartbeatReply['ruleset']>;

export type RulesetHolderOptions = {
  /** The product's own rules; in force until the server sends others. */
  readonly shippedDir: string | undefined;
  /** The operator's rules of this node; they come after the others. */
  readonly localDir: string | undefined;
  /** Keeps what the server sent, for a start without it. */
  readonly pushedFile: string;
  readonly onChange: (ruleset: Ruleset) => void;
  readonly onError: (message: string) => void;
};

const pushedSchema = z.object({
  version: z.string(),
  files: z.array(z.object({ name: z.string(), text: z.string() })),
});
const MESSAGE_CHARS_MAX = 4_000;

/**
 * Holds the ruleset in force. A ruleset with any fault is refused as a whole, and the one before stays.
 */
export class RulesetHolder {
  readonly #options: RulesetHolderOptions;
  #pushed: PushedRuleset | undefined;
  #ruleset: Ruleset | undefined;
  #refused: { version: string; message: string } | undefined;

  constructor(options: RulesetHolderOptions) {
    this.#options = options;
    this.#pushed = this.#readPushed();
    if (!this.reload() && this.#pushed !== undefined) {
      this.#pushed = undefined;
      this.reload();
    }
  }

  get ruleset(): Ruleset | undefined {
    return this.#ruleset;
  }

  /** What the heartbeat says; `none` is the version of an agent that has no rules in force. */
  get state(): { version: string; refused: { version: string; message: string } | undefined } {
    return { version: this.#ruleset?.version ?? 'none', refused: this.#refused };
  }

  /** Reads the files again. False when they are refused. */
  reload(): boolean {
    return this.#load(this.#pushed, this.#pushed?.version);
  }

  /** Takes a ruleset from the server; one that was refused or is in force already is not tried again. */
  push(pushed: PushedRuleset): void {
    if (pushed.version === this.#pushed?.version || pushed.version === this.#refused?.version) return;
    if (!this.#load(pushed, pushed.version)) return;
    this.#pushed = pushed;
    try {
      writeFileDurably(this.#options.pushedFile, JSON.stringify(pushed));
    } catch (err) {
      this.#options.onError(`keeping the server's ruleset: ${String(err)}`);
    }
  }

  #load(pushed: PushedRuleset | undefined, version: string | undefined): boolean {
    let files: RulesFile[] = [];
    try {
      files = this.#files(pushed);
      const loaded = loadRules(files);
      if (loaded.ruleset === undefined) return this.#refuse(version ?? hash(files), describe(loaded));
      this.#refused = undefined;
      if (loaded.ruleset.version === this.#ruleset?.version) return true;
      this.#ruleset = loaded.ruleset;
      this.#options.onChange(loaded.ruleset);
      return true;
    } catch (err) {
      return this.#refuse(version ?? hash(files), err instanceof Error ? err.message : String(err));
    }
  }

  #files(pushed: PushedRuleset | undefined): RulesFile[] {
    const { shippedDir, localDir } = this.#options;
    const base = pushed?.files ?? (shippedDir === undefined ? [] : readRuleFiles(shippedDir));
    return [...base, ...(localDir === undefined ? [] : readRuleFiles(localDir))];
  }

  #refuse(version: string, message: string): false {
    this.#refused = { version: version.slice(0, 64), message: message.slice(0, MESSAGE_CHARS_MAX) };
    this.#options.onError(`ruleset refused, the one before stays in force: ${this.#refused.message}`);
    return false;
  }

  #readPushed(): PushedRuleset | undefined {
    let text: string;
    try {
      text = readFileSync(this.#options.pushedFile, 'utf8');
    } catch {
      return undefined;
    }
    try {
      return pushedSchema.parse(JSON.parse(text));
    } catch (err) {
      this.#options.onError(`${this.#options.pushedFile} is unreadable: ${String(err)}`);
      return undefined;
    }
  }
}

function hash(files: readonly RulesFile[]): string {
  return contentHash(files.map(({ text }) => text));
}

/** file:line:column and what is wrong, for the first faults; positions are printed from 1. */
function describe(loaded: LoadResult): string {
  const faults = loaded.results.flatMap(({ name, errors }) =>
    errors.map(({ code, message, locations }) => {
      const position = locations.at(-1)?.position;
      const where = position === undefined ? name : `${name}:${position.line + 1}:${position.column + 1}`;
      return `${where}: ${code}: ${message}`;
    }),
  );
  const more = faults.length > 10 ? `\nand ${faults.length - 10} more` : '';
  return `${faults.slice(0, 10).join('\n')}${more}`;
}
