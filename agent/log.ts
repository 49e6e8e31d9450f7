export type Log = (line: string) => void;

/** Writes one line a message to stderr; text from outside cannot forge a second line. */
export function stderrLog(now: () => Date): Log {
  return (line) => {
    const safe = line.replace(/\p{Cc}+/gu, ' ').slice(0, 4_096);
    process.stderr.write(`${now().toISOString()} ${safe}\n`);
  };
}
