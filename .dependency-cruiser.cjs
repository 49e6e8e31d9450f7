/** Import zones of docs/architecture.md; `npm run check` fails on any breach. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.(test|itest|sensor\\.test)\\.tsx?$' },
  to: { pathNot: allowed },
});
const never = (name, from, to) => ({
  name,
  severity: 'error',
  from: { path: from, pathNot: '\\.(test|itest)\\.tsx?$' },
  to: { path: to },
});
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, dependencyTypesNot: ['type-only'] },
    },
    only('core-is-pure', '^core/', '^(core/|node_modules/(zod|yaml|@types)/)'),
    never('core-events-first', '^core/events/', '^core/(fields|filter|rules|scap|wire|incident)/'),
    never('core-fields-before-filter', '^core/fields/', '^core/(filter|rules|scap|wire|incident)/'),
    never('core-filter-before-rules', '^core/filter/', '^core/(rules|scap|wire|incident)/'),
    never('core-incident-alone', '^core/incident/', '^core/(fields|filter|rules|scap)/'),
    never('agent-stays-out', '^agent/', '^(server|prisma|app|components)/'),
    never('server-stays-out', '^server/', '^(agent|app|components)/|^node_modules/(next|react)/'),
    never('api-no-prisma', '^app/api/', '^(prisma|components|agent)/'),
    never('pages-no-server', '^app/\\(', '^(server|prisma|agent)/'),
    never('components-talk-http', '^components/', '^(server|agent|prisma|cli)/|^node:'),
    never(
      'ui-knows-no-domain',
      '^components/(ui|charts|data-table)/',
      '^components/(?!ui/|charts/|data-table/)',
    ),
    never('nobody-imports-cli', '^(core|agent|server|app|components)/', '^(cli|e2e|bench)/'),
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(prisma/generated|\\.next)/' },
  },
};
