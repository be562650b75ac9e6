import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { managedVmName } from "./managed-vm-name.ts";

/** Kubernetes' own pattern (apimachinery, IsDNS1123Subdomain). */
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

describe("the name of a ManagedVM", () => {
  it.each([
    ["backup-dc1-os1-web01", "backup-dc1-os1-web01"],
    ["backup.web-01", "backup.web-01"],
  ])("is the Job's name: %s", (jobName, expected) => {
    expect(managedVmName(jobName)).toBe(expected);
  });

  it.each([
    ["Backup-Web01", /^backup-web01-[0-9a-f]{8}$/],
    ["backup_web", /^backup-web-[0-9a-f]{8}$/],
    ["backup:web", /^backup-web-[0-9a-f]{8}$/],
    ["backup-", /^backup-[0-9a-f]{8}$/],
    ["a..b", /^a\.b-[0-9a-f]{8}$/],
    ["a.-b", /^a\.b-[0-9a-f]{8}$/],
    ["...", /^vm-[0-9a-f]{8}$/],
    ["", /^vm-[0-9a-f]{8}$/],
    ["x".repeat(300), /^x{244}-[0-9a-f]{8}$/],
  ])("has a hash where that is no DNS name: %s", (jobName, expected) => {
    expect(managedVmName(jobName)).toMatch(expected);
  });

  it("is a DNS subdomain for any job name, and not that of another job", () => {
    const names = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.stringMatching(/^[A-Za-z0-9:._ -]{0,110}$/),
      fc.array(fc.constantFrom("a", "A", ".", "-", "_", ":"), { maxLength: 6 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(fc.uniqueArray(names, { maxLength: 30 }), (jobNames) => {
        const made = jobNames.map(managedVmName);
        for (const name of made) {
          expect(name).toMatch(SUBDOMAIN);
          expect(name.length).toBeLessThanOrEqual(253);
        }
        expect(new Set(made).size).toBe(jobNames.length);
      }),
      { numRuns: 300 },
    );
  });
});
