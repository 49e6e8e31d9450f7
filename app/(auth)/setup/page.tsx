import type { Metadata } from 'next';
import { AuthFrame } from '../../../components/shell/auth-frame.tsx';
import { SetupForm } from '../../../components/shell/setup-form.tsx';

export const metadata: Metadata = { title: 'Set up' };

export default function SetupPage() {
  return (
    <AuthFrame title="Create the first administrator">
      <SetupForm />
    </AuthFrame>
  );
}
