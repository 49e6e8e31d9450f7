import type { CorrelatedEvent } from './correlated-event.ts';
import { podOf } from './correlation-key.ts';

const TITLE_MAX = 160;
const SUMMARY_FACTS_MAX = 4;

/**
 * Title of an incident in plain words: its worst alert, where it happened, and whether somebody came in
 * by kubectl exec before. Shape: events in time order, at least one.
 */
export function incidentTitle(events: readonly CorrelatedEvent[]): string {
  const worst = worstAlert(events);
  if (worst === undefined) return 'Events under investigation';
  const entered = events.some((event) => isExec(event) && event.outcome === 'ok' && event.time <= worst.time);
  return cut(
    `${sentenceCase(shortenWords(worst.summary))}${placeSuffix(worst)}${entered && !isExec(worst) ? ' after kubectl exec' : ''}`,
    TITLE_MAX,
  );
}

/** One paragraph: who came in, what was seen in order, what was denied. */
export function incidentSummary(events: readonly CorrelatedEvent[]): string {
  const sentences: string[] = [];
  const entry = events.find((event) => isExec(event) && event.outcome === 'ok');
  if (entry !== undefined && entry.rule === null) sentences.push(withWho(entry));
  const alerts = distinct(events.filter((event) => event.rule !== null && event.outcome !== 'denied'));
  for (const event of alerts.slice(0, SUMMARY_FACTS_MAX)) sentences.push(withWho(event));
  if (alerts.length > SUMMARY_FACTS_MAX) {
    const more = alerts.length - SUMMARY_FACTS_MAX;
    sentences.push(`${more} more ${more === 1 ? 'kind' : 'kinds'} of alert followed.`);
  }
  const denied = distinct(events.filter((event) => event.outcome === 'denied'));
  for (const event of denied.slice(0, 2)) sentences.push(deniedSentence(event));
  if (denied.length > 2) sentences.push(`${denied.length - 2} more requests were denied.`);
  return sentences.join(' ');
}

/** Summaries of audit events say themselves that and why the request was denied. */
function deniedSentence({ summary }: CorrelatedEvent): string {
  const text = cut(summary, 200);
  return /\. Denied\b/.test(summary) ? `${sentenceCase(text)}.` : `Denied: ${text}.`;
}

/** The most severe alert, the earliest of equals. */
function worstAlert(events: readonly CorrelatedEvent[]): CorrelatedEvent | undefined {
  let worst: CorrelatedEvent | undefined;
  for (const event of events) {
    if (event.rule === null) continue;
    if (worst === undefined || event.priority < worst.priority) worst = event;
  }
  return worst ?? events[0];
}

function withWho(event: CorrelatedEvent): string {
  return `${sentenceCase(cut(event.summary, 200))}${placeSuffix(event)}.`;
}

/** ` in <place>`, unless the sentence names the place already. */
function placeSuffix(event: CorrelatedEvent): string {
  const place = placeOf(event);
  const named = [place, event.pod, podOf(event)?.split('/')[1]].some(
    (name) => name !== undefined && name !== null && event.summary.includes(name),
  );
  return place === undefined || named ? '' : ` in ${place}`;
}

function placeOf(event: CorrelatedEvent): string | undefined {
  const pod = podOf(event);
  if (pod !== undefined)
    return event.workload === null ? shorten(pod) : (event.workload.split('/')[1] ?? shorten(pod));
  return event.source === 'k8s_audit' ? undefined : (event.node ?? undefined);
}

function isExec(event: CorrelatedEvent): boolean {
  return event.source === 'k8s_audit' && event.categories.includes('exec');
}

function distinct(events: readonly CorrelatedEvent[]): CorrelatedEvent[] {
  const seen = new Set<string>();
  return events.filter((event) => {
    const key = event.rule ?? event.summary;
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

/** Shortens a long name in the middle and keeps its unique tail. */
export function shorten(name: string, max = 40): string {
  if (name.length <= max) return name;
  const tail = /-[a-z0-9]{1,8}$/.exec(name)?.[0] ?? name.slice(-6);
  return `${name.slice(0, Math.max(1, max - tail.length - 2))}-…${tail.replace(/^-/, '')}`;
}

/** A title names things, it does not spell out long paths: `/run/containerd/…/runc.vFtEmE`. */
function shortenWords(text: string): string {
  return text.replace(/\S{49,}/g, (word) => `${word.slice(0, 24)}…${word.slice(-20)}`);
}

/** A process name at the head of a sentence keeps its case: `cat read …` is right as it stands. */
function sentenceCase(text: string): string {
  return /^[a-z]+ /.test(text) && /^(someone|a|an|the|service|shell|new|user)\b/.test(text)
    ? text.charAt(0).toUpperCase() + text.slice(1)
    : text;
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
