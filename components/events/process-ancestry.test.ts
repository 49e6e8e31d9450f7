import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { EventDetail } from '../../core/wire/events.ts';
import { ProcessAncestry } from './process-ancestry.tsx';

const self = { pid: 7, name: 'cat', cmdline: 'cat /etc/shadow', user: 'root', self: true, depth: 0 };

function rendered(fields: EventDetail['fields']): string {
  const ancestry = [{ ...self, priority: null, note: null }];
  const detail = { row: { priority: 4 }, ancestry, fields } as unknown as EventDetail;
  return renderToStaticMarkup(createElement(ProcessAncestry, { detail, onOpen: () => undefined }));
}

test('says who started the tree by kubectl exec, how sure that is, and leads to the request', () => {
  const html = rendered({
    'k8s.user': '<b>mallory',
    'k8s.user.confidence': 'high',
    'k8s.user.ip': '10.0.0.9',
    'k8s.user.audit': '0.a@2026-01-01T00:00:00.000000Z',
  });
  expect(html).toContain('Started by kubectl exec of <b>&lt;b&gt;mallory</b> from 10.0.0.9, confidence high');
  expect(html).toContain('>Audit event</button>');
});

test('says nothing of a user where none is known', () => {
  expect(rendered({})).not.toContain('kubectl');
});
