import { beforeEach, expect, it, vi } from 'vitest';

beforeEach(() => vi.resetModules());

it('an error is known whichever bundle made it', async () => {
  const [mine, kube] = [await import('./errors.ts'), await import('./cluster/kube-api.ts')];
  vi.resetModules();
  const [other, otherKube] = [await import('./errors.ts'), await import('./cluster/kube-api.ts')];
  expect(other.AppError).not.toBe(mine.AppError);
  expect(new other.AppError('conflict', 'x')).toBeInstanceOf(mine.AppError);
  expect(mine.toProblem(new other.AppError('conflict', 'x'), 'id')).toMatchObject({ status: 409 });
  expect(new otherKube.KubeError(409, 'Conflict', 'x')).toBeInstanceOf(kube.KubeError);
  expect(new Error('x')).not.toBeInstanceOf(kube.KubeError);
});
