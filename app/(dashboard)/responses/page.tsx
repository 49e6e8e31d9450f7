import type { Metadata } from 'next';
import { ResponseList } from '../../../components/actions/response-list.tsx';

export const metadata: Metadata = { title: 'Responses' };

export default function Page() {
  return (
    <main id="main" tabIndex={-1}>
      <h1 className="vh">Responses</h1>
      <ResponseList />
    </main>
  );
}
