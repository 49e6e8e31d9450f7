import type { ReactNode } from 'react';
import { DashboardShell } from '../../components/shell/dashboard-shell.tsx';

export default function DashboardLayout({ children }: { readonly children: ReactNode }) {
  return <DashboardShell start={new Date().toISOString()}>{children}</DashboardShell>;
}
