import type { NextConfig } from 'next';

const config: NextConfig = {
  output: 'standalone',
  outputFileTracingRoot: import.meta.dirname,
  serverExternalPackages: [
    '@kubernetes/client-node',
    'pg',
    'pg-copy-streams',
    'pino',
    'prom-client',
    'better-auth',
  ],
  poweredByHeader: false,
  reactStrictMode: true,
  typescript: { ignoreBuildErrors: false },
};

export default config;
