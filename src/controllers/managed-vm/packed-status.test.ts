import fc from "fast-check";
import { expect, it } from "vitest";
import { packStatus, unpackStatus } from "./packed-status.ts";

it("gives back any JSON value", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const json: unknown = JSON.parse(JSON.stringify(value));
      expect(unpackStatus(packStatus(json))).toEqual(json);
    }),
  );
});

it("keeps a small part of a usual status", () => {
  const name = "backup-dc1-os1-web01";
  const condition = (type: string, reason: string, message: string) => {
    return { type, status: "True", reason, message, lastTransitionTime: "2026-01-02T03:04:05Z" };
  };
  const status = {
    observedGeneration: 1,
    phase: "Active",
    jobName: name,
    fileSetName: "fs-datacenter1-openstack1-web01",
    jobDefs: { name: "Gold", from: "Tag" },
    lastBackup: { jobId: 4711, level: "I", status: "T", endTime: "2026-11-23T21:04:05Z", bytes: 76_123 },
    lastRun: { jobId: 4711, status: "T", endTime: "2026-11-23T21:04:05Z" },
    conditions: [
      condition("Ready", "Succeeded", `Job ${name} backs up this VM.`),
      condition("Published", "Published", `The Director has job ${name}.`),
      condition("BackedUp", "GoodBackup", "JobId 4711 is the last good backup."),
      condition("PolicyAccepted", "Accepted", "JobDefs Gold is in force."),
    ],
  };
  expect(packStatus(status).length).toBeLessThan(JSON.stringify(status).length / 6);
});
