// Run after npm install behind a registry mirror that lacks the packages of other platforms: adds their entries to
// package-lock.json, without which npm ci refuses the lock file. Versions come from the exact optionalDependencies.
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
const OS = [
  'darwin',
  'win32',
  'linux',
  'android',
  'freebsd',
  'openharmony',
  'netbsd',
  'openbsd',
  'sunos',
  'aix',
];
const CPU = {
  arm64: 'arm64',
  x64: 'x64',
  ia32: 'ia32',
  arm: 'arm',
  armv7: 'arm',
  riscv64: 'riscv64',
  ppc64: 'ppc64',
  s390x: 's390x',
  loong64: 'loong64',
  mips64el: 'mips64el',
  wasm32: 'wasm32',
};
const added = [];
for (const [path, pkg] of Object.entries(lock.packages)) {
  for (const [name, spec] of Object.entries(pkg.optionalDependencies ?? {})) {
    const nested = path ? `${path}/node_modules/${name}` : undefined;
    if (lock.packages[`node_modules/${name}`] || (nested && lock.packages[nested])) continue;
    const exact = /^\d+\.\d+\.\d+[\w.+-]*$/.test(spec) ? spec : undefined;
    const tokens = name.toLowerCase().split(/[^a-z0-9]+/);
    const os = OS.find((o) => tokens.includes(o));
    const cpuKey = Object.keys(CPU).find((c) => tokens.includes(c));
    const cpu = cpuKey ? CPU[cpuKey] : undefined;
    if (!exact || !(os || cpu)) {
      console.log('skip', path, name, spec);
      continue;
    }
    const libc = tokens.includes('musl') || tokens.some((t) => t.startsWith('musl')) ? ['musl'] : undefined;
    lock.packages[`node_modules/${name}`] = {
      version: exact,
      ...(cpu ? { cpu: [cpu] } : {}),
      ...(pkg.dev ? { dev: true } : {}),
      ...(libc ? { libc } : {}),
      license: 'SEE PACKAGE',
      optional: true,
      ...(os ? { os: [os] } : {}),
    };
    delete lock.packages[`node_modules/${name}`].license;
    added.push(name);
  }
}
lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
);
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length, 'added');
