import type { Metadata } from 'next';
import { EventsPage } from '../../../components/events/events-page.tsx';

export const metadata: Metadata = { title: 'Events' };

export default function Page() {
  return (
    <main id="main" className="ev" tabIndex={-1}>
      <h1 className="vh">Events</h1>
      <EventsPage />
    </main>
  );
}
