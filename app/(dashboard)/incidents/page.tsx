import type { Metadata } from 'next';
import { IncidentList } from '../../../components/incidents/incident-list.tsx';

export const metadata: Metadata = { title: 'Incidents' };

export default function Page() {
  return (
    <main id="main" tabIndex={-1}>
      <h1 className="vh">Incidents</h1>
      <IncidentList />
    </main>
  );
}
