import type { ReactNode } from 'react';
import { ActionHost } from '../../components/actions/action-host.tsx';
import { DashboardShell } from '../../components/shell/dashboard-shell.tsx';

export default function DashboardLayout({ children }: { readonly children: ReactNode }) {
  return (
    <DashboardShell start={new Date().toISOString()}>
      {children}
      <ActionHost />
    </DashboardShell>
  );
}
