import { expect, it } from 'vitest';
import { readConfig } from './config.ts';

it('names every fault at once', () => {
  const read = () => readConfig({ DATABASE_URL: 'mysql://x', EYRIE_POOL_MAX: '1', EYRIE_CLUSTER_ID: 'A B' });
  expect(read).toThrow(/DATABASE_URL[\s\S]*EYRIE_POOL_MAX[\s\S]*EYRIE_CLUSTER_ID/);
});

it('takes an empty variable for an absent one', () => {
  const config = readConfig({
    DATABASE_URL: 'postgresql://127.0.0.1/x',
    EYRIE_CLUSTER_NAME: '',
    KUBECONFIG: '',
  });
  expect(config).toMatchObject({
    clusterId: 'default',
    clusterName: 'default',
    kubeconfig: undefined,
    shardBuckets: 1,
  });
});
