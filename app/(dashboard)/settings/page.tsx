import type { Metadata } from 'next';
import { SettingsView } from '../../../components/settings/settings-view.tsx';

export const metadata: Metadata = { title: 'Settings' };

export default function SettingsPage() {
  return (
    <main id="main" tabIndex={-1}>
      <h1>Settings</h1>
      <SettingsView />
    </main>
  );
}
