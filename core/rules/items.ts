import type { FilePosition, Location } from './result.ts';
import type { Origin } from './traced-text.ts';

/** What the reader hands to the collector: one entry a YAML item, not yet merged with earlier ones. */

export type ListItem = {
  readonly kind: 'list';
  readonly name: string;
  readonly items: readonly string[];
  readonly append: boolean;
  readonly chain: readonly Location[];
};

export type MacroItem = {
  readonly kind: 'macro';
  readonly name: string;
  readonly condition: Origin;
  readonly append: boolean;
  readonly chain: readonly Location[];
};

/** A scalar or list of an exception's fields, comps or values, to any depth. */
export type Entry = { readonly text: string } | { readonly items: readonly Entry[] };

export type ExceptionItem = {
  readonly name: string;
  readonly fields: Entry | undefined;
  readonly comps: Entry | undefined;
  readonly values: readonly Entry[];
  readonly chain: readonly Location[];
  readonly position: FilePosition;
};

/** Keys of a rule that may be given, appended or replaced. */
export type RuleParts = {
  readonly condition?: Origin;
  readonly output?: Origin;
  readonly description?: string;
  readonly priority?: number;
  readonly tags?: readonly string[];
  readonly exceptions?: readonly ExceptionItem[];
  readonly enabled?: boolean;
  readonly warnEvtTypes?: boolean;
  readonly skipIfUnknownFilter?: boolean;
  readonly capture?: boolean;
  readonly captureDuration?: number;
};

export type RuleItem = {
  readonly kind: 'rule';
  readonly name: string;
  readonly chain: readonly Location[];
} & (
  | {
      readonly action: 'define';
      readonly source: string;
      readonly parts: Required<Omit<RuleParts, 'captureDuration'>> & Pick<RuleParts, 'captureDuration'>;
    }
  | {
      readonly action: 'update';
      readonly append: RuleParts | undefined;
      readonly replace: RuleParts | undefined;
    }
  | { readonly action: 'enable'; readonly enabled: boolean }
);

export type EngineVersionItem = {
  readonly kind: 'engine-version';
  readonly version: readonly [number, number, number];
  readonly text: string;
  readonly chain: readonly Location[];
};

export type PluginVersionItem = {
  readonly kind: 'plugin-version';
  readonly alternatives: readonly { readonly name: string; readonly version: string }[];
  readonly chain: readonly Location[];
};

export type RulesItem = ListItem | MacroItem | RuleItem | EngineVersionItem | PluginVersionItem;
