import type { Metadata } from 'next';
import { Overview } from '../../components/overview/overview.tsx';
import { AttentionStrip } from '../../components/shell/attention-strip.tsx';
import { BlindBanner } from '../../components/shell/blind-banner.tsx';

export const metadata: Metadata = { title: 'Overview' };

export default function OverviewPage() {
  return (
    <main id="main" tabIndex={-1}>
      <h1 className="vh">Overview</h1>
      <AttentionStrip />
      <BlindBanner />
      <Overview />
    </main>
  );
}
