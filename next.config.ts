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
  // Types of the whole repository are checked by './eyrie test check'; checking them again here only delays 'up'.
  typescript: { ignoreBuildErrors: true },
};

export default config;
