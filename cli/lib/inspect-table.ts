/** Columns with blanks between them; the first `numbers` are set to the right, the last one is not filled. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: number,
): string {
  const widths = heading.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, i) => {
        const width = widths[i] ?? 0;
        if (i < numbers) return cell.padStart(width);
        return i === row.length - 1 ? cell : cell.padEnd(width);
      })
      .join('  ');
  return `${[heading, ...rows].map(line).join('\n')}\n`;
}
