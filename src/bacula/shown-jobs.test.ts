import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readShownJobs } from "./shown-jobs.ts";

/** As Bacula 15.0.3 prints it. */
const SHOWN = `Job: name=backup web JobType=66 level=Incremental Priority=12 Enabled=1
     MaxJobs=1 NumJobs=0 Resched=0 Times=0 Interval=1,800 Spool=0 WritePartAfterJob=1
     Accurate=0
  --> Client: Name=bacula-dc1-os1-fd Enabled=1 Address=127.0.0.1 FDport=27639 MaxJobs=20 NumJobs=0
       JobRetention=6 months  FileRetention=2 months  AutoPrune=0
  --> Catalog: name=MyCatalog address=127.0.0.1 DBport=24811 db_name=bacula
      db_driver=PostgreSQL db_user=bacula MultiDBConn=0
  --> FileSet: name=fs-web IgnoreFileSetChanges=0
      O S2
      N
      I /etc/hosts
      P openstack: proxy_server="a b" instance=014c5892-5efb-4efb-bd60-4e038800475d
      N
  --> Schedule: Name=WeeklyCycle Enabled=1
  --> Run Level=Full
      hour=6 
     --> Pool: name=OfTheSchedule PoolType=Backup
  --> StoragePolicy=ListedOrder StorageGroupSize=1
    --> Storage: name=File1 address=127.0.0.1 SDport=26926 MaxJobs=20 NumJobs=0
      DeviceName=FileChanger MediaType=File StorageId=1 Autochanger=1
 --> RunScript
  --> Command=x # } y
  --> Target=
  --> RunOnSuccess=1
  --> Pool: name=Default PoolType=Backup
      use_cat=1 use_once=0 cat_files=1
  --> FullBackupPool: name=Other PoolType=Backup
  --> Messages: name=Standard
`;

function read(...answers: readonly string[]) {
  const result = readShownJobs(answers);
  return result.kind === "answered" ? result.value : undefined;
}

describe("the answer of show job=", () => {
  it("shows the job's own directives, and its FileSet's plugins", () => {
    expect(Object.fromEntries(read(SHOWN)?.get("backup web") ?? [])).toEqual({
      Priority: ["12"],
      Client: ["bacula-dc1-os1-fd"],
      FileSet: ["fs-web"],
      Schedule: ["WeeklyCycle"],
      Storage: ["File1"],
      Pool: ["Default"],
      Messages: ["Standard"],
      Command: ["x # } y"],
      Plugin: ['openstack: proxy_server="a b" instance=014c5892-5efb-4efb-bd60-4e038800475d'],
    });
  });

  it("shows that there is no script, and no plugin in a FileSet that can be seen", () => {
    const plain = SHOWN.replace(/^ *(--> Command|P ).*\n/gm, "");
    const job = read(plain)?.get("backup web");
    expect([job?.get("Command"), job?.get("Plugin")]).toEqual([[], []]);
    // The Console's FileSetACL hides it: an arrow without its resource.
    const hidden = plain.replace("--> FileSet: name=fs-web IgnoreFileSetChanges=0", "--> ");
    expect(read(hidden)?.get("backup web")?.has("Plugin")).toBe(false);
  });

  it("of a job that is not there, or that may not be seen, is no job", () => {
    expect(read("job resource nope not found.\n", "", SHOWN)?.size).toBe(1);
  });

  it("is no job whatever else it is", () => {
    fc.assert(
      fc.property(fc.string(), (answer) => {
        fc.pre(!answer.startsWith("Job: name="));
        expect(read(answer)?.size).toBe(0);
      }),
    );
  });
});
