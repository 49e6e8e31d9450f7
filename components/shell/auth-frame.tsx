import type { ReactNode } from 'react';
import { Logo } from './logo.tsx';

/** Frame of the pages before the login. */
export function AuthFrame({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <main id="main" className="auth">
      <div className="auth-box">
        <span className="auth-logo">
          <Logo />
          Eyrie
        </span>
        <h1>{title}</h1>
        {children}
      </div>
    </main>
  );
}
