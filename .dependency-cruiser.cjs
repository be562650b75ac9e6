// What may import what. Tests keep to the rules between rooms, too, but may use the test tools.
const TEST = "\\.(test|fixture)\\.ts$";

/** Only main.ts and the command line put rooms together. */
const COMPOSERS = "^src/(main\\.ts$|cli/)";

module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "Two modules that need each other are one module, or miss a third one.",
      severity: "error",
      from: {},
      to: { circular: true },
    },
    {
      name: "no-unresolved",
      comment: "An import that leads nowhere would be invisible to every other rule.",
      severity: "error",
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: "domain-is-pure",
      comment: "Rules of the domain do no I/O and know no other room; a hash is all they take from Node.",
      severity: "error",
      from: { path: "^src/domain/", pathNot: TEST },
      to: { pathNot: "^(src/domain/|(node:)?crypto$)" },
    },
    {
      name: "domain-tests-stay-in-the-domain",
      severity: "error",
      from: { path: `^src/domain/.*${TEST}` },
      to: { path: "^src/", pathNot: "^src/domain/" },
    },
    {
      name: "sync-knows-only-the-domain",
      comment: "The use case speaks to the world through its ports; adapters are handed in.",
      severity: "error",
      from: { path: "^src/sync/", pathNot: TEST },
      to: { pathNot: "^(src/(sync|domain)/|node_modules/zod/|(node:)?(crypto|timers/promises)$)" },
    },
    {
      name: "sync-tests-know-no-adapter",
      severity: "error",
      from: { path: `^src/sync/.*${TEST}` },
      to: { path: "^src/", pathNot: "^src/(sync|domain)/" },
    },
    {
      name: "kubernetes-knows-no-vms",
      comment: "The runtime is a library of Kubernetes' ways; it would serve any other operator as well.",
      severity: "error",
      from: { path: "^src/kubernetes/" },
      to: { path: "^src/(domain|sync|bacula|catalog|volume|openstack|controllers|api|cli|settings)/|^src/main\\.ts$" },
    },
    {
      name: "adapters-know-only-their-port",
      comment:
        "Director, catalog and volume are joined by the pass, not by each other; OpenStack is asked by preflight only.",
      severity: "error",
      from: { path: "^src/(bacula|catalog|volume|openstack)/" },
      to: { path: "^src/(bacula|catalog|volume|openstack|kubernetes|controllers|api|cli)/", pathNot: "^src/$1/" },
    },
    {
      name: "controllers-know-no-adapter",
      comment: "They run the pass through its ports, as the command line does.",
      severity: "error",
      from: { path: "^src/controllers/" },
      to: { path: "^src/(bacula|catalog|volume|openstack|cli)/" },
    },
    ...["bacula", "catalog", "volume", "openstack", "controllers", "cli"].map((room) => ({
      name: `only-composers-use-${room}`,
      comment: "main.ts and src/cli put the rooms together, nobody else does.",
      severity: "error",
      from: { path: "^src/", pathNot: `${COMPOSERS}|^src/${room}/` },
      to: { path: `^src/${room}/` },
    })),
    {
      name: "main-is-the-root",
      comment: "main.ts starts the program when it is imported.",
      severity: "error",
      from: { pathNot: "^bin/" },
      to: { path: "^src/main\\.ts$" },
    },
    {
      name: "the-product-needs-no-test-tools",
      severity: "error",
      from: { path: "^src/", pathNot: TEST },
      to: { path: "^(hack|test)/" },
    },
    {
      name: "the-product-needs-no-dev-dependency",
      severity: "error",
      from: { path: "^src/", pathNot: TEST },
      to: { dependencyTypes: ["npm-dev"], dependencyTypesNot: ["npm"] },
    },
  ],
  options: {
    // TypeScript 7 has no compiler API; without swc no .ts file would be seen at all.
    parser: "swc",
    doNotFollow: { path: "node_modules" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["node", "import", "default"] },
  },
};
