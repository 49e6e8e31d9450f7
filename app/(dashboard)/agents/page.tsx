import type { Metadata } from 'next';
import { AgentsView } from '../../../components/agents/agents-view.tsx';

export const metadata: Metadata = { title: 'Agents' };

export default function AgentsPage() {
  return (
    <main id="main" tabIndex={-1}>
      <h1>Agents</h1>
      <AgentsView />
    </main>
  );
}
