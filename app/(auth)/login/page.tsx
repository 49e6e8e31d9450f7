import type { Metadata } from 'next';
import { Suspense } from 'react';
import { AuthFrame } from '../../../components/shell/auth-frame.tsx';
import { LoginForm } from '../../../components/shell/login-form.tsx';

export const metadata: Metadata = { title: 'Sign in' };

export default function LoginPage() {
  return (
    <AuthFrame title="Sign in">
      <Suspense>
        <LoginForm />
      </Suspense>
    </AuthFrame>
  );
}
