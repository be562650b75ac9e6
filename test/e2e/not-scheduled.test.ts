import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperatorProcess } from "../../hack/testbed/operator-process.ts";
import { condition, type ManagedVm, message } from "../support/e2e/kube-objects.ts";
import { Site, until } from "../support/e2e/site.ts";

const JOB = "backup-dc1-os1-web01";

let site: Site;
let operator: OperatorProcess;
beforeAll(async () => {
  site = await Site.open("e2e-not-scheduled");
  await site.bacula.fleet("dc1-os1-proxy", "server=web01 uuid=11111111-1111-4111-8111-111111111111\n");
  // A lease would only make the operator that is started anew wait for the dead one's.
  operator = await site.startOperator({ LEADER_ELECT: "0" });
});
afterAll(() => site?.close());

/** The Director is asked once an hour, and by an operator that was just started. */
async function restartOperator(): Promise<void> {
  await operator.kill();
  await operator.start();
}

async function vmThatIs(ready: string): Promise<ManagedVm> {
  const isReady = (vm: ManagedVm | undefined) => vm !== undefined && condition(vm, "Ready") === ready;
  const found = await until(async () => (await site.managedVms())[0], isReady, `Ready of ${JOB} is ${ready}`);
  if (found === undefined) throw new Error("until answered what is not wanted");
  return found;
}

async function unprotected(count: number): Promise<void> {
  await until(
    () => site.client("dc1-os1"),
    ({ status }) => status.counts?.unprotected === count,
    `${count} are unprotected`,
  );
}

const transitionOf = ({ status }: ManagedVm) =>
  status.conditions?.find(({ type }) => type === "Ready")?.lastTransitionTime;

describe("rule 7: a job that was disabled in the console", () => {
  it("is NotScheduled and unprotected, also over a restart of the operator, until it is enabled again", async () => {
    await site.apply("dc1-os1", { interval: "1s" });
    await vmThatIs("True Succeeded");
    await site.bacula.console(`run job=${JOB} yes\nwait`);
    await unprotected(0);

    await site.bacula.console(`disable job=${JOB}`);
    await restartOperator();
    const stopped = await vmThatIs("False NotScheduled");
    expect(stopped.status.phase).toBe("Active");
    expect(message(stopped, "Ready")).toContain(`enable job="${JOB}"`);
    await unprotected(1);
    expect(condition(await site.client("dc1-os1"), "Ready")).toBe("True Succeeded");

    await restartOperator();
    for (const token of ["one", "two", "three"]) {
      await site.pass("dc1-os1", token);
      expect(transitionOf(await vmThatIs("False NotScheduled"))).toBe(transitionOf(stopped));
    }

    await site.bacula.console(`enable job=${JOB}`);
    await restartOperator();
    await vmThatIs("True Succeeded");
    await unprotected(0);
  });
});
