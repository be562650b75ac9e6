import fc from "fast-check";
import { expect, it } from "vitest";
import { packStatus, unpackStatus } from "./packed-status.ts";

it("gives back any JSON value", () => {
  fc.assert(
    fc.property(fc.oneof(fc.constant({}), fc.jsonValue()), (value) => {
      const json: unknown = JSON.parse(JSON.stringify(value));
      expect(unpackStatus(packStatus(json))).toEqual(json);
    }),
  );
});

it("keeps a small part of a usual status", () => {
  const name = "backup-dc1-os1-web01";
  const condition = (type: string, reason: string, message: string) => {
    return { lastTransitionTime: "2026-01-02T03:04:05Z", message, reason, status: "True", type };
  };
  const status = {
    conditions: [
      condition("Ready", "Succeeded", `Job ${name} backs up this VM.`),
      condition("Published", "Published", `The Director has job ${name}.`),
      condition("BackedUp", "GoodBackup", "JobId 4711 is the last good backup."),
      condition("PolicyAccepted", "Accepted", "JobDefs Gold is in force."),
    ],
    fileSetName: "fs-datacenter1-openstack1-web01",
    jobDefs: { from: "Tag", name: "Gold" },
    jobName: name,
    lastBackup: { bytes: 76_123, endTime: "2026-11-23T21:04:05Z", jobId: 4711, level: "I", status: "T" },
    lastRun: { endTime: "2026-11-23T21:04:05Z", jobId: 4711, status: "T" },
    observedGeneration: 1,
    phase: "Active",
  };
  expect(packStatus(status).length).toBeLessThan(JSON.stringify(status).length / 6);
});
