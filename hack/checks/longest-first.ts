import { relative } from "node:path";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Files that take over 20 s on a quiet machine of 2 cores, the longest first. */
export const LONGEST: readonly string[] = [
  "test/e2e/bad-input.test.ts",
  "test/integration/bacula/refused-edit.test.ts",
  "test/integration/bacula/broken-configuration.test.ts",
  "test/e2e/crash.test.ts",
  "test/e2e/lifecycle.test.ts",
  "test/e2e/situations.test.ts",
  "test/integration/bacula/discovery.test.ts",
  "test/e2e/interrupted.test.ts",
  "test/e2e/protect-fleet.test.ts",
  "test/integration/kubernetes/lease-elector.test.ts",
  "test/e2e/two-operators.test.ts",
  "test/integration/testbed/testbed.test.ts",
  "test/e2e/take-over.test.ts",
  "test/e2e/hostile-names.test.ts",
  "test/e2e/api-server-outage.test.ts",
  "test/integration/model/model.test.ts",
  "test/integration/bacula/director.test.ts",
  "test/e2e/not-scheduled.test.ts",
  "test/integration/kubernetes/reflector.test.ts",
  "test/e2e/first-backup.test.ts",
  "test/integration/bacula/not-scheduled.test.ts",
];

/**
 * Starts the files of {@link LONGEST} first, then the others as Vitest orders them: a long file that is started last
 * would run alone. Vitest itself knows how long a file took only where it has run before, which after `npm ci` is
 * nowhere. The order of projects (`groupOrder`) stays above this one: Vitest groups what it is given.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const { root } = this.ctx.config;
    const rank = ({ moduleId }: TestSpecification): number => {
      const place = LONGEST.indexOf(relative(root, moduleId));
      return place === -1 ? LONGEST.length : place;
    };
    return (await super.sort(files)).sort((one, other) => rank(one) - rank(other));
  }
}
