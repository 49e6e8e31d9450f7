'use client';

import { ChevronDown, Columns3, Database, Download, ScrollText } from 'lucide-react';
import type { ExportFormat } from '../../core/wire/incidents.ts';
import { Button } from '../ui/button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';

const FORMATS: readonly { format: ExportFormat; label: string; detail: string; icon: typeof Database }[] = [
  { format: 'md', label: 'Markdown', detail: 'For a ticket or wiki page', icon: ScrollText },
  { format: 'json', label: 'JSON', detail: 'Timeline, gaps, actions and notes', icon: Database },
  { format: 'csv', label: 'CSV', detail: 'Timeline rows', icon: Columns3 },
];

/** Downloads the timeline; all formats have the same rows. */
export function ExportMenu({ id }: { readonly id: number }) {
  return (
    <Menu
      align="end"
      trigger={
        <Button>
          <Download className="i sm" aria-hidden="true" />
          Export
          <ChevronDown className="i sm" aria-hidden="true" />
        </Button>
      }
    >
      {FORMATS.map(({ format, label, detail, icon: Icon }) => (
        <MenuItem
          key={format}
          icon={<Icon className="i" />}
          detail={detail}
          onSelect={() => window.location.assign(`/api/v1/incidents/${id}/export?format=${format}`)}
        >
          {label}
        </MenuItem>
      ))}
    </Menu>
  );
}
