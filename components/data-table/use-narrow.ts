import { useSyncExternalStore } from 'react';

const PHONE = '(max-width: 767px)';

/** True in the phone layout; false on the server. */
export function useNarrow(query: string = PHONE): boolean {
  return useSyncExternalStore(
    (notify) => {
      const media = window.matchMedia(query);
      media.addEventListener('change', notify);
      return () => media.removeEventListener('change', notify);
    },
    () => window.matchMedia(query).matches,
    () => false,
  );
}
