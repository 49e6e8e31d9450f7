export type CompiledRegex = {
  /** Whole-string match. */
  readonly test: (text: string) => boolean;
  /** The same language as a Postgres advanced regular expression, anchored at both ends. */
  readonly postgres: string;
};

/** Compiles a pattern of RE2 syntax. Errors: a text. */
export function compileRegex(pattern: string): CompiledRegex | string {
  try {
    const regex = new RegExp(`^(?:${pattern})$`, 'u');
    return { test: (text) => regex.test(text), postgres: `^(?:${pattern})$` };
  } catch {
    return `invalid regular expression '${pattern}'`;
  }
}
