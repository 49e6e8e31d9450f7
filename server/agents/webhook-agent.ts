/** Stream under which events are stored that came by webhook; no process sends heartbeats for it. */
export const WEBHOOK_AGENT_ID = '00000000-0000-8000-8000-00000000a0d1';
