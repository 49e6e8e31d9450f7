import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CONTAINER, thread } from '../../rulesets/cases/build.ts';
import type { FdInfo, SyscallEvent } from '../events/syscall.ts';
import { FIELDS, RULE_CATALOGUE } from '../fields/catalogue.ts';
import { checkFilter } from './check.ts';
import { compileFilter } from './compile.ts';
import { parseFilter } from './parser.ts';
import { conditionTerms } from './prefilter.ts';
import { factsOf, isPlainPath, type KernelFacts } from './prefilter-facts.ts';
import { accepts, type Terms } from './prefilter-term.ts';

const RUNS = 1_500;

const PATHS = [
  '/etc/shadow',
  '/etc/sudoers.d/x',
  '/etc',
  '/',
  '/etc/shadow/',
  '/etc//shadow',
  '/etc/../etc/shadow',
  '/a../b/shadow',
  '/home/u/.ssh/id_rsa',
  '/var/log/syslog',
  '/var/log/ü\ufffd/x',
  `/long/${'y'.repeat(140)}/shadow`,
  '../etc/shadow',
  'shadow',
  '',
];
const COMMS = ['cat', 'sh', 'nginx', 'runc:[1:CHILD]', 'containerd-shim-runc-v2', 'ü\ufffd', ''];
const TYPES = [
  'open',
  'openat',
  'openat2',
  'creat',
  'connect',
  'accept',
  'listen',
  'dup2',
  'chmod',
  'execve',
];
const PORTS = [22, 80, 443, 6443, 40_000];

/** As the agent resolves it. */
function resolve(path: string): string {
  if (path === '') return '';
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `/work/${path}`).split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return `/${parts.join('/')}`;
}

const tuple = fc.record({
  l4: fc.constant('tcp' as const),
  clientIp: fc.constantFrom('10.0.0.1', ''),
  clientPort: fc.constantFrom(...PORTS),
  serverIp: fc.constantFrom('10.0.0.2', '169.254.169.254'),
  serverPort: fc.constantFrom(...PORTS),
});

const FLAG_TEXTS: Readonly<Record<number, string>> = {
  1: 'O_RDONLY',
  2: 'O_WRONLY',
  3: 'O_RDWR',
  256: 'O_TRUNC',
  1024: 'O_DIRECTORY',
};

const event: fc.Arbitrary<SyscallEvent> = fc
  .record({
    type: fc.constantFrom(...TYPES),
    path: fc.constantFrom(...PATHS),
    access: fc.constantFrom(0, 1, 2, 3),
    extra: fc.constantFrom(0, 4, 256, 260, 1024, 16_384 + 4),
    mode: fc.constantFrom(0o644, 0o755),
    res: fc.constantFrom(undefined, 0, 3, -1, -2, -13, -115),
    typechar: fc.constantFrom('f', 'd', '4', '6', 'u', 'p'),
    tuple,
    comm: fc.constantFrom(...COMMS),
    uid: fc.constantFrom(0, 1000, 4_294_967_295),
    hasThread: fc.boolean(),
    hasContainer: fc.boolean(),
    hasFd: fc.boolean(),
  })
  .map((of): SyscallEvent => {
    const isOpen = of.type.startsWith('open') || of.type === 'creat';
    const flags = of.access | of.extra;
    const name = resolve(of.path);
    const isSocket = of.typechar === '4' || of.typechar === '6';
    const role = of.type === 'connect' ? ('client' as const) : ('server' as const);
    const file: FdInfo = {
      typechar: (of.extra & 1024) !== 0 ? 'd' : 'f',
      name,
      nameRaw: name === of.path ? undefined : of.path,
      tuple: undefined,
      openFlags: flags,
    };
    const socket: FdInfo = {
      typechar: of.typechar,
      name: isSocket ? '' : '/run/x',
      nameRaw: undefined,
      tuple: isSocket ? { ...of.tuple, role } : undefined,
      openFlags: 0,
    };
    const bits = [1024, 256, of.access].filter((bit) => bit !== 0 && (flags & bit) === bit);
    const opened = of.res === undefined || of.res >= 0 ? (of.res ?? 3) : -1;
    return {
      source: 'syscall',
      num: 1,
      timeNs: 1n,
      cpu: 0,
      type: of.type,
      dir: '<',
      tid: 1,
      thread: of.hasThread
        ? thread({ comm: of.comm, uid: of.uid, container: of.hasContainer ? CONTAINER : undefined })
        : undefined,
      res: of.res,
      args: isOpen ? { name: of.path, flags, mode: of.mode } : {},
      argText: isOpen
        ? {
            flags: bits.map((bit) => FLAG_TEXTS[bit] ?? '').join('|'),
            ...(of.path === '' || of.path.startsWith('/') ? {} : { name: `${of.path}(${name})` }),
          }
        : {},
      fdNum: of.hasFd ? (isOpen ? opened : 3) : undefined,
      fd: of.hasFd ? (isOpen ? file : socket) : undefined,
    };
  });

const quote = (text: string): string => `"${text}"`;
const paths = fc.constantFrom(...PATHS, '/etc/', '/home', 'hadow', '/.ssh/', '../', '/*', '/e*w').map(quote);
const names = fc.constantFrom(...COMMS, 'host', '4a4a4a4a4a4a', 'checkout', 'SUCCESS', 'ENOENT').map(quote);
const numbers = fc.constantFrom('0', '3', '-1', '-2', '22', '443', '1000', '40000', '4294967295');
const list = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength: 4 }).map((items) => `(${items.join(', ')})`);
const words = (...texts: string[]): fc.Arbitrary<string> => fc.constantFrom(...texts);

function texts(fields: readonly string[], value: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> {
  const field = words(...fields);
  return fc.oneof(
    fc.tuple(field, words('=', '!=', 'contains', 'icontains', 'startswith', 'endswith', 'glob'), value),
    fc.tuple(
      field,
      words('in', 'intersects', 'pmatch', '= anyof', '!= allof', 'startswith oneof'),
      list(value),
    ),
    fc.tuple(field, words('endswith anyof', '!= oneof', '!= anyof', '= allof'), list(value)),
  );
}

const FILE_FIELDS = ['fd.name', 'fd.nameraw', 'fd.directory', 'fd.filename', 'evt.arg.name'];
const WORD_FIELDS = [
  'proc.name',
  'container.id',
  'container.name',
  'evt.res',
  'k8s.ns.name',
  'tolower(proc.name)',
];
const NUMBER_FIELDS = [
  'evt.rawres',
  'user.uid',
  'fd.num',
  'fd.sport',
  'fd.cport',
  'fd.rport',
  'fd.lport',
  'fd.port',
];
const BOOLS = ['read', 'write', 'create', 'exec'].map((kind) => `evt.is_open_${kind}`);
const comparison = fc
  .oneof(
    texts(FILE_FIELDS, paths),
    texts(WORD_FIELDS, names),
    texts(['fd.typechar'], words('f', 'd', '4', '6', 'u', 'p')),
    texts(['fd.type', 'fd.sockfamily'], words('file', 'ipv4', 'ip', 'unix', 'pipe')),
    texts(['evt.type'], words(...TYPES)),
    fc.tuple(words(...NUMBER_FIELDS), words('=', '!=', '<', '<=', '>', '>='), numbers),
    fc.tuple(words(...NUMBER_FIELDS), words('in'), list(numbers)),
    fc.tuple(words(...BOOLS, 'evt.failed', 'container.privileged'), words('=', '!='), words('true', 'false')),
    fc.tuple(words('evt.arg.flags'), words('contains'), words('O_TRUNC', 'O_RDWR', 'O_RDONLY', 'O_', '3')),
    fc.tuple(words(...FILE_FIELDS, ...WORD_FIELDS, ...NUMBER_FIELDS), words('exists'), words('')),
    fc.tuple(words('fd.name', 'proc.name'), words('=', '!='), words('val(evt.arg.name)')),
  )
  .map((parts) => parts.join(' '));

const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'medium', withCrossShrink: true },
    comparison,
    fc.array(tie('filter'), { minLength: 2, maxLength: 4 }).map((parts) => `(${parts.join(' and ')})`),
    fc.array(tie('filter'), { minLength: 2, maxLength: 4 }).map((parts) => `(${parts.join(' or ')})`),
    tie('filter').map((part) => `not (${part})`),
  ),
}));

function parse(text: string) {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.faults[0]?.message}`);
  return parsed.ast;
}

const terms = (text: string, type: string): Terms => conditionTerms(parse(text), type);

describe('soundness', () => {
  it('accepts every event that the condition matches, whatever the kernel does not know', () => {
    let matched = 0;
    let rejected = 0;
    const property = fc.property(
      filter,
      fc.array(event, { minLength: 20, maxLength: 20 }),
      fc.constantFrom<keyof KernelFacts>('path', 'res', 'uid', 'comm', 'serverPort', 'clientPort', 'fdType'),
      (text, events, unknown) => {
        const ast = parse(text);
        fc.pre(checkFilter(ast, RULE_CATALOGUE).length === 0);
        const matches = compileFilter(ast);
        for (const one of events) {
          const wanted = conditionTerms(ast, one.type);
          const facts = factsOf(one);
          if (!matches(one)) {
            if (!accepts(wanted, facts)) rejected++;
            continue;
          }
          matched++;
          const { [unknown]: _, ...fewer } = facts;
          for (const seen of [facts, fewer, { ...facts, container: true }]) {
            if (!accepts(wanted, seen))
              throw new Error(`rejects ${JSON.stringify(seen)}: ${JSON.stringify(wanted)}`);
          }
          expect(accepts(conditionTerms(ast, undefined), facts)).toBe(true);
        }
      },
    );
    fc.assert(property, { numRuns: RUNS });
    // The property must not hold for want of anything to decide.
    expect(matched).toBeGreaterThan(RUNS);
    expect(rejected).toBeGreaterThan(RUNS);
  }, 30_000);

  it('keeps terms and members within their limits', () => {
    fc.assert(
      fc.property(filter, fc.constantFrom(...TYPES), (text, type) => {
        expect(terms(text, type).length).toBeLessThanOrEqual(16);
      }),
      { numRuns: 500 },
    );
    const many = Array.from(
      { length: 400 },
      (_, i) => `(proc.name=p${i} and user.uid=${i} and fd.name=/f${i})`,
    );
    const wide = terms(many.join(' or '), 'openat');
    expect(wide.length).toBeLessThanOrEqual(16);
    expect(accepts(wide, { comm: 'p399', uid: 399, path: '/f399' })).toBe(true);
    expect(accepts(wide, { comm: 'cat', uid: 9_999, path: '/other' })).toBe(false);
    const long = `/${'x'.repeat(300)}`;
    const [cut] = terms(`fd.name = ${long}`, 'openat');
    expect(cut?.path?.[0]?.prefix[0]).toHaveLength(127);
    expect(accepts([cut ?? {}], { path: long })).toBe(true);
  });

  it('treats fields of containers and pods as missing, or host, outside of them', () => {
    const host = {
      source: 'syscall',
      dir: '<',
      type: 'openat',
      args: {},
      argText: {},
      thread: thread({ container: undefined }),
    };
    for (const field of FIELDS.filter(({ class: cls }) => cls === 'container' || cls === 'k8s')) {
      if (field.name === 'container.info') continue;
      const value = field.bind(field.argument?.required ? 'app' : undefined)(host as unknown as SyscallEvent);
      expect([undefined, 'host'], field.name).toContain(value);
    }
  });
});

describe('precision', () => {
  it('derives paths, flags, result and names of an open', () => {
    expect(
      terms(
        'evt.type = openat and evt.is_open_write = true and fd.num >= 0 and fd.name startswith /etc/ and not proc.name in (dpkg, apt)',
        'openat',
      ),
    ).toEqual([
      {
        flags: [2],
        res: [[0, Number.MAX_SAFE_INTEGER]],
        path: [{ exact: [], prefix: ['/etc/'], suffix: [] }],
        comm: { notIn: ['dpkg', 'apt'] },
      },
    ]);
    expect(terms('evt.type = openat', 'open')).toEqual([]);
    expect(terms('fd.directory = /bin and fd.filename = sh', 'open')).toEqual([
      {
        path: [
          { exact: [], prefix: ['/bin/'], suffix: [] },
          { exact: [], prefix: [], suffix: ['/sh'] },
        ],
      },
    ]);
  });

  it('asks for containers only where a rule cannot match the host', () => {
    expect(terms('container.id != host', 'execve')).toEqual([{ container: true }]);
    expect(terms('not container.id = host', 'execve')).toEqual([{ container: true }]);
    expect(terms('container.id = host', 'execve')).toEqual([{}]);
    expect(terms('k8s.ns.name != kube-system', 'execve')).toEqual([{ container: true }]);
    // A missing field makes the comparison false, and its negation true.
    expect(terms('not k8s.ns.name = kube-system', 'execve')).toEqual([{}]);
  });

  it('unites what differs in one condition, and gives up what cannot be evaluated in either polarity', () => {
    expect(terms('proc.name = cat or proc.name = tac', 'execve')).toEqual([{ comm: { in: ['tac', 'cat'] } }]);
    expect(terms('proc.cmdline contains x', 'execve')).toEqual([{}]);
    expect(terms('not proc.cmdline contains x', 'execve')).toEqual([{}]);
    expect(terms('proc.name = cat and (proc.cmdline contains x or user.uid = 0)', 'execve')).toEqual([
      { comm: { in: ['cat'] } },
    ]);
  });

  it('lets through every path that may resolve to another', () => {
    for (const path of ['etc/shadow', '/a/../b', '/a/./b', '/a//b', '/a/', '/x../y']) {
      expect(isPlainPath(path), path).toBe(false);
    }
    for (const path of ['/', '/etc/shadow', '/a.b/c..d']) expect(isPlainPath(path), path).toBe(true);
    expect(terms('fd.nameraw contains ../', 'open')).toEqual([
      { path: [{ exact: [], prefix: [], suffix: [] }] },
    ]);
  });

  it('needs no longer for hostile conditions than for honest ones', () => {
    const wide = Array.from({ length: 5_000 }, (_, i) => `/p${i}`).join(', ');
    const deep = `${'not ('.repeat(99)}fd.name in (${wide})${')'.repeat(99)}`;
    const cross = Array.from(
      { length: 40 },
      (_, i) => `(proc.name = a${i} or user.uid = ${i} or fd.name = /f${i})`,
    );
    const start = performance.now();
    terms(deep, 'open');
    terms(cross.join(' and '), 'open');
    expect(performance.now() - start).toBeLessThan(2_000);
  });
});
