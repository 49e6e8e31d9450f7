import { expect, test } from 'vitest';
import type { SyscallEvent } from '../events/syscall.ts';
import { syslogLine, syslogMessage } from './syslog-message.ts';

function writing(text: string, name = '/dev/log', res = text.length): SyscallEvent {
  const event = {
    source: 'syscall',
    type: 'sendto',
    dir: '<',
    res,
    writesFd: true,
    fd: { name },
    args: { data: new TextEncoder().encode(text) },
  };
  return event as unknown as SyscallEvent;
}

test('a message to syslog tells severity, facility and text', () => {
  expect(syslogMessage(writing('<85>sudo: hello'))).toEqual({
    severity: 5,
    facility: 10,
    text: 'sudo: hello',
  });
  expect(syslogLine(writing('<85>sudo: hello'))).toBe('syslog sev=notice msg=sudo: hello');
});

test.each([
  ['no priority', writing('hello')],
  ['a priority that is no number', writing('<x>hello')],
  ['a priority without end', writing('<8')],
  ['nothing', writing('')],
  ['another file', writing('<85>x', '/tmp/log')],
  ['a failed call', writing('<85>x', '/dev/log', -1)],
])('%s is no message', (_, event) => {
  expect(syslogMessage(event)).toBeUndefined();
});
