import { SYSCALL_CATEGORIES } from './syscall-categories.ts';
import { SYSCALL_NAMES } from './syscall-codes.ts';

/** Codes whose names were others in the enter-and-exit era. */
const LEGACY_NAMES: Readonly<Record<number, string>> = {
  0: '<unknown>',
  283: 'newselect',
  292: 'llseek',
  298: 'sigreturn',
  305: 'setuid',
  306: 'getuid',
  307: 'setgid',
  308: 'geteuid',
  309: 'getgid',
  310: 'setresuid',
  311: 'setresgid',
  312: 'getresuid',
  313: 'getresgid',
};

/** Name of the system call that a generic event stands for. */
export function syscallName(code: number, exitOnly: boolean): string {
  return (exitOnly ? undefined : LEGACY_NAMES[code]) ?? SYSCALL_NAMES[code] ?? '<unknown>';
}

const categories = new Map<string, string>();
for (const [category, names] of Object.entries(SYSCALL_CATEGORIES)) {
  for (const name of names.split(' ')) categories.set(name, category);
}

/** Category of the system call that a generic event stands for. */
export function syscallCategory(code: number): string {
  return categories.get(SYSCALL_NAMES[code] ?? '') ?? 'unknown';
}
