import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { createCatalog } from "../../../src/catalog/catalog.ts";

let bed: BaculaBed;
beforeAll(async () => {
  bed = await startBaculaBed({ name: "catalog-test" });
});
afterAll(async () => {
  await bed.wipe();
});

const never = new AbortController().signal;
const client = { datacenter: "dc1", openstack: "os1", client: "bacula-dc1-os1-fd", jobPrefix: "Hand" };

describe("the catalog of a real Bacula", () => {
  it("tells of a backup what Bacula tells of it", async () => {
    const catalog = createCatalog({ ...bed.catalog, tls: { kind: "off" }, statementTimeoutMs: 10_000, clock: Date });
    try {
      const empty = await catalog.history(client, never);
      expect(empty).toMatchObject({ kind: "read", history: new Map() });

      const startedAt = Date.now();
      const said = await bed.console("run job=HandWritten yes\nwait");
      const jobId = Number(/JobId=(\d+)/.exec(said)?.[1]);
      const answer = await catalog.history(client, never);
      const history = answer.kind === "read" ? answer.history : new Map();
      expect([...history.keys()]).toEqual(["HandWritten"]);
      const { lastGood, lastRun } = history.get("HandWritten") ?? {};
      expect(lastGood).toEqual(lastRun);
      expect(lastGood).toMatchObject({ jobId, level: "F", status: "T", fileSet: "HandWritten" });
      expect(lastGood.files).toBeGreaterThan(0);
      // JobTDate has whole seconds.
      expect(lastGood.endTimeMs).toBeGreaterThanOrEqual(startedAt - 1000);
      expect(lastGood.endTimeMs).toBeLessThanOrEqual(Date.now() + 1000);
      expect(lastGood.startTimeMs).toBeLessThanOrEqual(lastGood.endTimeMs);

      await bed.console("restore client=bacula-dc1-os1-fd select all done yes\nwait");
      const others = await catalog.history({ ...client, jobPrefix: "" }, never);
      expect(others.kind === "read" ? [...others.history.keys()] : others).toEqual(["HandWritten"]);
    } finally {
      await catalog.close();
    }
  });

  it("is away while its server is, and comes back by itself", async () => {
    const catalog = createCatalog({ ...bed.catalog, tls: { kind: "off" }, statementTimeoutMs: 10_000, clock: Date });
    try {
      await catalog.history(client, never);
      await bed.stopCatalog();
      expect(await catalog.history(client, never)).toMatchObject({ kind: "unknown", reason: "Unreachable" });
      await bed.startCatalog();
      expect(await catalog.history(client, never)).toMatchObject({ kind: "read" });
    } finally {
      await catalog.close();
    }
  });
});
