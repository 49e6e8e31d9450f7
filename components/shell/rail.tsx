'use client';

import { useQuery } from '@tanstack/react-query';
import { Keyboard } from 'lucide-react';
import Link from 'next/link';
import { usePathname } from 'next/navigation';
import { openIncidentsQuery } from '../api/incident-queries.ts';
import { Logo } from './logo.tsx';
import { isCurrent, PAGES, SETTINGS_PAGE, type ShellPage } from './pages.ts';
import { useScope } from './scope.tsx';

/** Page navigation: left rail, bottom bar on phones. */
export function Rail({ onKeys }: { readonly onKeys: () => void }) {
  const open = useQuery(openIncidentsQuery()).data?.openCount ?? 0;
  const { href } = useScope();
  return (
    <nav className="rail" aria-label="Main">
      <Link prefetch={false} className="logo" href={href('/')} aria-label="Eyrie, Overview">
        <Logo />
      </Link>
      {PAGES.map((page) => (
        <RailLink key={page.path} page={page}>
          {page.path === '/incidents' && open > 0 ? (
            <b className="nb">
              {open > 99 ? '99+' : open}
              <span className="vh"> open</span>
            </b>
          ) : null}
        </RailLink>
      ))}
      <span className="grow" />
      <button type="button" className="set" title="Keyboard shortcuts (?)" onClick={onKeys}>
        <Keyboard className="i" aria-hidden="true" />
        <span>Keys</span>
      </button>
      <RailLink page={SETTINGS_PAGE} className="set" />
    </nav>
  );
}

function RailLink({
  page,
  className,
  children,
}: {
  readonly page: ShellPage;
  readonly className?: string;
  readonly children?: React.ReactNode;
}) {
  const pathname = usePathname();
  const { href } = useScope();
  const Icon = page.icon;
  return (
    <Link
      prefetch={false}
      href={href(page.path)}
      className={className}
      title={`${page.label} (G then ${page.key.toUpperCase()})`}
      aria-current={isCurrent(page.path, pathname) ? 'page' : undefined}
    >
      <Icon className="i" aria-hidden="true" />
      <span>{page.label}</span>
      {children}
    </Link>
  );
}
