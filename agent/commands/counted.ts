const NUMBER = new Intl.NumberFormat('en');

/** `1 socket`, `12,772 bytes`. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${NUMBER.format(count)} ${count === 1 ? one : many}`;
}
