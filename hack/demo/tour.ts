import { FLEET, LATER_VM, queryAnswer, SHOWN_VM } from "./fleet.ts";
import type { Stage } from "./stage.ts";

const CLIENT_FILE = "hack/demo/open-stack-client.yaml";
const CLIENT = "osc/dc1-os1";
const PROXY = "dc1-os1-proxy";
const FOLDER = "datacenter1/openstack1";
const JOB = `backup-dc1-os1-${SHOWN_VM.name}`;
const LATER_JOB = `backup-dc1-os1-${LATER_VM.name}`;
const REQUESTED_AT = "bacula-openstack-sync.io/requested-at";
const PASS_LIMIT_SECONDS = 90;

/** From an OpenStack instance that nobody backs up to one whose VMs are all on the Director's job list. */
export async function protectFleet(stage: Stage): Promise<void> {
  const { terminal, bacula } = stage;
  terminal.step("An OpenStack instance with 12 VMs: Bacula's plugin lists them, and no job knows them");
  await bacula.fleet(PROXY, queryAnswer(FLEET));
  await stage.bconsole(`.query plugin="openstack: proxy_server=${PROXY}" client=bacula-dc1-os1-fd parameter=server`);

  terminal.step("One OpenStackClient says which Bacula client sees this instance; that is all a person writes");
  await stage.apply(CLIENT_FILE);
  await stage.kubectlWait(CLIENT, "condition=Ready", PASS_LIMIT_SECONDS);

  terminal.step(
    "Every VM is a ManagedVM now; scratch opted out, the Unicode name and the second build-agent got a uuid",
  );
  await stage.kubectl(["get", "osc,mvm"]);
  terminal.say('wiki asked for JobDefs "Platinum", which the Director does not have: it is protected all the same.');
}

/** What an administrator of Bacula sees of it. */
export async function showFiles(stage: Stage): Promise<void> {
  stage.terminal.step("What was written: a Job and a FileSet per VM, and one include file for the Director");
  await stage.cat(`${FOLDER}/${SHOWN_VM.name}/job`);
  await stage.cat(`${FOLDER}/${SHOWN_VM.name}/fileset`);
  await stage.cat("include.conf");

  stage.terminal.step("The Director was reloaded and has the jobs, beside the administrator's own HandWritten");
  await stage.bconsole(".jobs type=B");
}

/** A real run through Director, File Daemon, Storage Daemon and catalog. */
export async function backUp(stage: Stage): Promise<void> {
  stage.terminal.step(`A backup of ${SHOWN_VM.name} by its generated job; LAST-BACKUP fills in from the catalog`);
  const answer = await stage.bconsole(`run job=${JOB} level=Full yes`);
  const jobId = /JobId=(\d+)/.exec(answer)?.[1];
  if (jobId === undefined) throw new Error(`the Director did not start ${JOB}: ${answer.trim()}`);
  await stage.bconsole(`wait jobid=${jobId} timeout=60`);
  await stage.bconsole(`list jobid=${jobId}`);
  await passNow(stage, "after-backup");
  await stage.kubectlWait(`mvm/${JOB}`, "condition=BackedUp", PASS_LIMIT_SECONDS);
  await stage.kubectl(["get", "mvm", JOB]);
}

/** The fleet changes, and nobody writes a job. */
export async function addVm(stage: Stage): Promise<void> {
  stage.terminal.step(`Somebody creates the VM ${LATER_VM.name}: the next pass protects it`);
  await stage.bacula.fleet(PROXY, queryAnswer([...FLEET, LATER_VM]));
  await passNow(stage, "new-vm");
  await stage.kubectl(["get", "mvm", LATER_JOB]);
  const jobs = await stage.bconsole(".jobs type=B");
  if (!jobs.split("\n").includes(LATER_JOB)) throw new Error(`the Director does not have ${LATER_JOB}`);
}

/** Unknown is not gone. */
export async function loseSight(stage: Stage): Promise<void> {
  stage.terminal.step("The File Daemon goes down: the client says so, and no VM, file or job changes");
  await stage.bacula.stopFd();
  await passNow(stage, "blind");
  await stage.kubectl(["get", "osc,mvm"]);
  await stage.kubectl(["get", CLIENT, "-o", 'jsonpath={.status.conditions[?(@.type=="Discovered")].message}']);

  await stage.bacula.startFd();
  await passNow(stage, "sees-again");
  await stage.kubectlWait(CLIENT, "condition=Ready", PASS_LIMIT_SECONDS);
}

/** A pass comes every interval (5 minutes); asking for one spares the wait. */
async function passNow(stage: Stage, token: string): Promise<void> {
  await stage.kubectl(["annotate", CLIENT, `${REQUESTED_AT}=${token}`, "--overwrite"]);
  await stage.kubectlWait(CLIENT, `jsonpath={.status.lastHandledRequest}=${token}`, PASS_LIMIT_SECONDS);
}
