import type { ThreadInfo } from '../events/syscall.ts';
import { type FieldClass, type FieldDef, type FieldType, syscallFields, type Value } from './types.ts';

function ofThread(
  cls: FieldClass,
  name: string,
  type: FieldType,
  help: string,
  read: (t: ThreadInfo) => Value | undefined,
): FieldDef {
  return syscallFields(cls)(name, type, help, (e) => (e.thread ? read(e.thread) : undefined));
}

export const USER_FIELDS: readonly FieldDef[] = [
  ofThread('user', 'user.name', 'string', 'Name of the effective user', (t) => t.user),
  ofThread('user', 'user.uid', 'number', 'Effective user id', (t) => t.uid),
  ofThread('user', 'user.loginuid', 'number', 'User id of the login; -1 = none', (t) => t.loginuid),
  ofThread('user', 'user.loginname', 'string', 'User name of the login', (t) => t.loginname),
  ofThread('user', 'user.homedir', 'path', 'Home directory of the user', (t) => t.homedir),
  ofThread('user', 'user.shell', 'path', 'Login shell of the user', (t) => t.shell),
  ofThread('group', 'group.gid', 'number', 'Effective group id', (t) => t.gid),
  ofThread('group', 'group.name', 'string', 'Name of the effective group', (t) => t.group),
];
