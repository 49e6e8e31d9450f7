import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError, isCode } from './api-error.ts';

const RETRY_MAX = 2;

/** Only failures that can pass by themselves are tried again; a refusal stays a refusal. */
export function createQueryClient({
  onUnauthenticated,
}: {
  readonly onUnauthenticated: () => void;
}): QueryClient {
  const onError = (err: unknown) => {
    if (isCode(err, 'unauthenticated')) onUnauthenticated();
  };
  return new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 120_000,
        retry: (failures, err) =>
          failures < RETRY_MAX && err instanceof ApiError && err.problem.code === 'unavailable',
      },
    },
  });
}
