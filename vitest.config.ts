import { defineConfig } from "vitest/config";
import { LongestFirst } from "./hack/checks/longest-first.ts";

/**
 * Real parts are started once a file, and mostly waited for: two files at a time keep two cores busy, with time to
 * start and to wait. Each file has beds of its own names, so with folders and ports of their own.
 */
const onRealParts = {
  pool: "forks",
  maxWorkers: 2,
  testTimeout: 120_000,
  hookTimeout: 300_000,
  globalSetup: "hack/testbed/global-setup.ts",
  sequence: { groupOrder: 1 },
} as const;

export default defineConfig({
  test: {
    passWithNoTests: false,
    sequence: { sequencer: LongestFirst },
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
      { test: { ...onRealParts, name: "integration", include: ["test/integration/**/*.test.ts"] } },
      { test: { ...onRealParts, name: "e2e", include: ["test/e2e/**/*.test.ts"] } },
    ],
  },
});
