import { useEffect, useState } from 'react';

/** A press meant for what was on screen before must not execute anything. */
const ARM_MS = 600;

/** True once the same preview has been on screen for 600 ms. */
export function useArmed(token: string | undefined): boolean {
  const [armed, setArmed] = useState<string>();
  useEffect(() => {
    if (token === undefined) return;
    const timer = setTimeout(() => setArmed(token), ARM_MS);
    return () => clearTimeout(timer);
  }, [token]);
  return token !== undefined && armed === token;
}
