import type { Metadata } from 'next';
import { ResponseList } from '../../../components/actions/response-list.tsx';
import { CommandList } from '../../../components/commands/command-list.tsx';

export const metadata: Metadata = { title: 'Responses' };

export default function Page() {
  return (
    <main id="main" tabIndex={-1}>
      <h1 className="vh">Responses</h1>
      <ResponseList />
      <CommandList />
    </main>
  );
}
