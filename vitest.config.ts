import { defineConfig } from "vitest/config";

/** Real parts are started once a file and are heavy: one file at a time, with time to start and to wait. */
const onRealParts = {
  pool: "forks",
  fileParallelism: false,
  testTimeout: 120_000,
  hookTimeout: 300_000,
  globalSetup: "hack/testbed/global-setup.ts",
} as const;

export default defineConfig({
  test: {
    passWithNoTests: false,
    projects: [
      {
        test: {
          name: "unit",
          // Properties take a second on a quiet machine; on one that others use too they may take many.
          testTimeout: 60_000,
          include: ["src/**/*.test.ts", "hack/**/*.test.ts"],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          ...onRealParts,
          name: "integration",
          include: ["test/integration/**/*.test.ts"],
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...onRealParts,
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
