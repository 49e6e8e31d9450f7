/** MITRE ATT&CK tactics in matrix order; keys are the tags of Falco rules after `mitre_`. */
export const TACTICS = [
  ['initial_access', 'Initial access'],
  ['execution', 'Execution'],
  ['persistence', 'Persistence'],
  ['privilege_escalation', 'Privilege escalation'],
  ['defense_evasion', 'Defense evasion'],
  ['credential_access', 'Credential access'],
  ['discovery', 'Discovery'],
  ['lateral_movement', 'Lateral movement'],
  ['collection', 'Collection'],
  ['command_and_control', 'Command and control'],
  ['exfiltration', 'Exfiltration'],
  ['impact', 'Impact'],
] as const;

/** Key of a tactic as tags or API write it: `mitre_credential_access`, `Credential access`. */
export function tacticKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/^mitre_/, '')
    .replaceAll(/[\s-]+/g, '_');
}
