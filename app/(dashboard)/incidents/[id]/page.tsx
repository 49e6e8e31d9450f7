import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { IncidentPage } from '../../../../components/incidents/incident-page.tsx';

type Props = { readonly params: Promise<{ readonly id: string }> };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const id = incidentId((await params).id);
  return { title: id === undefined ? 'Incident' : `INC-${id}` };
}

export default async function Page({ params }: Props) {
  const id = incidentId((await params).id);
  if (id === undefined) notFound();
  return (
    <main id="main" tabIndex={-1}>
      <IncidentPage id={id} />
    </main>
  );
}

const incidentId = (text: string): number | undefined =>
  /^[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined;
