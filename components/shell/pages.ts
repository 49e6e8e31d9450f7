import {
  LayoutDashboard,
  type LucideIcon,
  ScanSearch,
  Server,
  Settings,
  ShieldCheck,
  Siren,
  Waypoints,
} from 'lucide-react';

export type ShellPage = {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
  /** Second key of the sequence that starts with G. */
  readonly key: string;
};

/** The pages of the rail in their order; a page that does not exist has no entry. */
export const PAGES: readonly ShellPage[] = [
  { path: '/', label: 'Overview', icon: LayoutDashboard, key: 'o' },
  { path: '/incidents', label: 'Incidents', icon: Siren, key: 'i' },
  { path: '/events', label: 'Events', icon: ScanSearch, key: 'e' },
  { path: '/nodes', label: 'Nodes', icon: Server, key: 'n' },
  { path: '/responses', label: 'Responses', icon: ShieldCheck, key: 'r' },
  { path: '/agents', label: 'Agents', icon: Waypoints, key: 'a' },
];

export const SETTINGS_PAGE: ShellPage = { path: '/settings', label: 'Settings', icon: Settings, key: 's' };

/** True for the page itself and everything below it. */
export function isCurrent(path: string, pathname: string): boolean {
  return path === '/' ? pathname === '/' : pathname === path || pathname.startsWith(`${path}/`);
}
