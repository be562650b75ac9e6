import { afterAll, beforeAll, expect, it } from "vitest";
import { CommandLine } from "../support/cli/command-line.ts";
import { condition } from "../support/e2e/kube-objects.ts";
import { Site, SPEC, until } from "../support/e2e/site.ts";
import { fileIdentities, readBaseDir } from "../support/e2e/tree.ts";

/** Both front ends have the same policy; tags may change as often as the test does. */
const SETTINGS = { TAG_CHANGE_INTERVAL: "0s", LOCK_WAIT: "1m" };
const ROUNDS = 25;

interface Vm {
  readonly uuid: string;
  readonly name: string;
  tag: string;
  isListed: boolean;
  isOptedOut: boolean;
}

let site: Site;
let program: CommandLine;
beforeAll(async () => {
  site = await Site.open("e2e-alternation", [SPEC.client]);
  const { datacenter, openstack, client, proxyServer, jobPrefix } = SPEC;
  program = await CommandLine.create(site.bacula, `${datacenter} ${openstack} ${client} ${proxyServer} ${jobPrefix}\n`);
  await listed();
  await site.startOperator(SETTINGS);
  await site.apply("dc1-os1", { interval: "1h" });
  await until(
    () => site.client("dc1-os1"),
    (object) => condition(object, "Ready") === "True Succeeded",
    "the client is Ready",
  );
});
afterAll(async () => {
  await program?.remove();
  await site?.close();
});

const fleet: Vm[] = Array.from({ length: 12 }, (_, number) => newVm(number));

function newVm(number: number): Vm {
  const uuid = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return { uuid, name: `vm${number}`, tag: "", isListed: true, isOptedOut: false };
}

async function listed(): Promise<void> {
  const lines = fleet
    .filter(({ isListed }) => isListed)
    .map(
      ({ name, uuid, tag, isOptedOut }) => `server=${name} uuid=${uuid}${tag}${isOptedOut ? " backup=false" : ""}\n`,
    );
  await site.bacula.fleet(SPEC.proxyServer, lines.join(""));
}

/** A day in the life of a cloud: one comes, one goes or returns, one gets another tag, one opts out or in. */
async function changeFleet(round: number): Promise<void> {
  fleet.push(newVm(fleet.length));
  const at = (step: number) => fleet[(round * step) % (fleet.length - 1)];
  const [goes, tagged, optsOut] = [at(5), at(7), at(3)];
  if (goes !== undefined) goes.isListed = !goes.isListed;
  if (tagged !== undefined) tagged.tag = tagged.tag === "" ? " tag=Gold" : "";
  if (optsOut !== undefined) optsOut.isOptedOut = !optsOut.isOptedOut;
  await listed();
}

const byOperator = async (token: string) => {
  await site.pass("dc1-os1", token);
};
const byCommandLine = async () => {
  const { exitCode, stderr, stdout } = await program.run(["sync"], SETTINGS);
  expect(`${exitCode} ${stderr.replaceAll(/^WARN: another writer.*\n/gmu, "")} ${stdout}`).toMatch(/^0 {2}/u);
};

/** Inodes, sizes and times of all but the state: another writing of the same bytes would show too. */
async function written(): Promise<ReadonlyMap<string, string>> {
  const all = await fileIdentities(site.bacula.baseDir);
  return new Map([...all].filter(([path]) => !path.startsWith(".bacula-openstack-sync/")));
}

/** What each VM's job file says of its life, by the VM's name. */
async function lives(): Promise<
  ReadonlyMap<string, { readonly missingSince?: string | undefined; readonly job: string }>
> {
  const files = [...(await readBaseDir(site.bacula.baseDir))].filter(([path]) => path.endsWith("/job"));
  return new Map(
    files.map(([, job]) => {
      const [, name = ""] = /^#@vm: (.*)$/mu.exec(job) ?? [];
      const [, missingSince] = /^#@missing-since: +(.*)$/mu.exec(job) ?? [];
      return [name, { missingSince, job }];
    }),
  );
}

it("operator and command line alternate 50 times: the second finds nothing to do, and no VM loses anything", {
  timeout: 900_000,
}, async () => {
  const since = new Map<string, string>();
  for (let round = 1; round <= ROUNDS; round++) {
    await changeFleet(round);
    const token = `round-${round}`;
    if (round % 5 === 0) await Promise.all([byOperator(token), byCommandLine()]);
    else if (round % 2 === 0) await byOperator(token);
    else await byCommandLine();
    const after = await written();
    if (round % 2 === 0) await byCommandLine();
    else await byOperator(`${token}-again`);
    expect(await written(), `round ${round}`).toEqual(after);

    const jobs = new Set(await site.directorJobs());
    const files = await lives();
    const toProtect = fleet.filter(({ isListed, isOptedOut }) => isListed && !isOptedOut);
    const unprotected = toProtect.filter(({ name }) => !jobs.has(`${SPEC.jobPrefix}${name}`));
    expect(unprotected, `round ${round}`).toEqual([]);
    for (const { name, isListed } of fleet) {
      const life = files.get(name);
      if (life === undefined) continue;
      // A job that was once given stays enabled and published, whoever looks.
      expect(jobs).toContain(`${SPEC.jobPrefix}${name}`);
      expect(life.job).toMatch(/Enabled +=\s*yes/u);
      expect(life.missingSince === undefined, `${name} in round ${round}`).toBe(isListed);
      // Absence counts from its first sight, also when the other front end looks next.
      expect(life.missingSince).toBe(isListed ? undefined : (since.get(name) ?? life.missingSince));
      if (life.missingSince === undefined) since.delete(name);
      else since.set(name, life.missingSince);
    }
  }
  const left = fleet.filter(({ isListed }) => !isListed);
  expect(left.length).toBeGreaterThan(1);
});
