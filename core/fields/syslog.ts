import { FACILITIES, SEVERITIES, type SyslogMessage, syslogMessage } from './syslog-message.ts';
import { type FieldDef, type FieldType, syscallFields, type Value } from './types.ts';

function field(name: string, type: FieldType, help: string, read: (m: SyslogMessage) => Value): FieldDef {
  return syscallFields('syslog')(`syslog.${name}`, type, help, (e) => {
    const message = syslogMessage(e);
    return message && read(message);
  });
}

export const SYSLOG_FIELDS: readonly FieldDef[] = [
  field('facility.str', 'string', 'Facility of a message to syslog', (m) => FACILITIES[m.facility] ?? '<NA>'),
  field('facility', 'number', 'Facility as a number, 0 to 23', (m) => m.facility),
  field('severity.str', 'string', 'emerg alert crit err warn notice info debug', (m) =>
    String(SEVERITIES[m.severity]),
  ),
  field('severity', 'number', 'Severity as a number, 0 to 7', (m) => m.severity),
  field('message', 'string', 'What is sent to syslog', (m) => m.text),
];
