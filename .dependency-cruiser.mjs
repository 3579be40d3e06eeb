// The import directions of docs/architecture.md, as rules. `npm run layers` checks them; scripts/layers.test.ts proves
// that a wrong import breaks each of them.

const TEST_CODE = '\\.test\\.ts$|/testing/|^(agent|desktop)/test/';

/** Code below `from` may import, of the agent, only what `allowed` lists; its own tests are bound by it too. */
function agentFolder(name, allowed) {
  const seen = [name, ...allowed].join('|');
  return {
    name: `agent-${name}`,
    severity: 'error',
    comment: `${name} sees of the agent only: ${seen.replaceAll('|', ', ')}. Where a new line belongs: docs/architecture.md.`,
    from: { path: `^agent/src/${name}/`, pathNot: TEST_CODE },
    to: { path: '^agent/src/', pathNot: `^agent/src/(${seen})/` },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      comment:
        'Files that need each other are one concept. A circle through a type is none: types are gone when it runs.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolves',
      severity: 'error',
      comment: 'An import that is not found is an import that no other rule can judge.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'common-is-pure',
      severity: 'error',
      comment: 'shared/src/common runs in Node, in a browser and in Electron: nothing of Node, nothing above it.',
      from: { path: '^shared/src/common/', pathNot: TEST_CODE },
      to: { path: '^(shared/src/(node|testing)|agent|desktop|bench|scripts)/' },
    },
    {
      name: 'common-without-node',
      severity: 'error',
      comment: 'shared/src/common has no Node modules.',
      from: { path: '^shared/src/common/', pathNot: TEST_CODE },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'shared-is-below',
      severity: 'error',
      comment: 'shared knows nothing of the programs that use it.',
      from: { path: '^shared/' },
      to: { path: '^(agent|desktop|bench|scripts)/' },
    },
    {
      name: 'testing-stays-in-tests',
      severity: 'error',
      comment: 'Builders, fakes and contract suites are for tests and measurements.',
      from: { path: '^(agent|desktop|shared)/src/', pathNot: TEST_CODE },
      to: { path: '/testing/|\\.test\\.ts$' },
    },
    agentFolder('config', []),
    agentFolder('log', []),
    agentFolder('store', []),
    agentFolder('replication', ['store']),
    agentFolder('monitor', ['store']),
    agentFolder('services', ['replication', 'monitor', 'store']),
    // The doors below: types of the ports may pass, calls go through a service.
    agentFolder('http', ['services', 'replication', 'monitor', 'store']),
    {
      name: 'agent-http-decides-nothing',
      severity: 'error',
      comment: 'A route parses, authorises and answers. What it needs done is a service; only types of ports may pass.',
      from: { path: '^agent/src/http/', pathNot: TEST_CODE },
      to: { path: '^agent/src/(replication|monitor|store)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'agent-cli',
      severity: 'error',
      comment:
        'A command talks to a running agent over HTTP, or starts one (compose.ts) or a monitor (compose-monitor.ts).',
      from: { path: '^agent/src/cli/', pathNot: TEST_CODE },
      to: { path: '^agent/src/', pathNot: '^agent/src/(cli/|config/|log/|(compose|compose-monitor|version)\\.ts$)' },
    },
    {
      name: 'only-compose-sees-all',
      severity: 'error',
      comment: 'The parts are put together in compose.ts and started by the command; nothing else imports it.',
      from: { pathNot: `^agent/src/(cli/|main\\.ts$|compose)|${TEST_CODE}` },
      to: { path: '^agent/src/(compose|compose-monitor|main)\\.ts$' },
    },
    {
      name: 'agent-without-desktop',
      severity: 'error',
      comment: 'Agent and desktop meet over HTTP only.',
      from: { path: '^agent/' },
      to: { path: '^desktop/' },
    },
    {
      name: 'desktop-without-agent',
      severity: 'error',
      comment: 'Agent and desktop meet over HTTP only.',
      from: { path: '^desktop/' },
      to: { path: '^agent/' },
    },
    {
      name: 'engine-is-plain-node',
      severity: 'error',
      comment: 'The engine runs without any window: nothing of the pages, of Electron or of the programs around it.',
      from: { path: '^desktop/src/engine/', pathNot: TEST_CODE },
      to: { path: '^desktop/src/(console|main|preload)/|node_modules/(electron|react)' },
    },
    {
      name: 'bridge-is-pure',
      severity: 'error',
      comment:
        'What pages, main and engine say to each other: every one of them imports it, and it imports none of them.',
      from: { path: '^desktop/src/bridge/', pathNot: TEST_CODE },
      to: { path: '^desktop/src/(console|engine|main|preload)/|^shared/src/node/|node_modules/(axios|electron|react)' },
    },
    {
      name: 'main-asks-the-engine',
      severity: 'error',
      comment: 'Main and preload carry messages: what they say stands in bridge, and pages and engine run elsewhere.',
      from: { path: '^desktop/src/(main|preload)/', pathNot: TEST_CODE },
      to: { path: '^desktop/src/(console|engine)/|node_modules/react' },
    },
    {
      name: 'electron-is-bound-once',
      severity: 'error',
      comment: 'Only main/electron and the preload name Electron; all else has ports and is tested without it.',
      from: { path: '^desktop/src/', pathNot: '^desktop/src/(main/electron|preload)/' },
      to: { path: 'node_modules/electron/' },
    },
    {
      name: 'console-features-are-alone',
      severity: 'error',
      comment: 'The app puts the features together; what two of them need stands in ui, api or i18n.',
      from: { path: '^desktop/src/console/features/([^/]+)/' },
      to: { path: '^desktop/src/console/(features/(?!$1/)|app/|hosts/)' },
    },
    {
      name: 'console-parts-are-below',
      severity: 'error',
      comment: 'ui, api and i18n know neither the pages nor the program around them.',
      from: { path: '^desktop/src/console/(ui|api|i18n)/' },
      to: { path: '^desktop/src/console/(features|app|hosts)/' },
    },
    {
      name: 'console-is-host-neutral',
      severity: 'error',
      comment: 'Only hosts/ knows how the program around the console is reached; nothing of it is Node or Electron.',
      from: { path: '^desktop/src/console/(features|app|ui|api|i18n)/', pathNot: TEST_CODE },
      to: { path: '^desktop/src/(main|engine|preload)/|^shared/src/node/|node_modules/(axios|electron)/' },
    },
    {
      name: 'packages-are-declared',
      severity: 'error',
      comment:
        'A package that is imported stands in the package.json of its workspace; development packages stay out of src.',
      from: { path: '^(agent|desktop|shared)/src/', pathNot: TEST_CODE },
      // Electron is the program that runs the app, and no package of it.
      to: {
        pathNot: 'node_modules/electron/',
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    // Imports of types count as well: a layer that knows another one's types knows it.
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      importsFields: ['imports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};
