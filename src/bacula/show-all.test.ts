import { describe, expect, it } from "vitest";
import { jobDefsLineFilter, readJobDefs } from "./show-all.ts";

/** As Bacula 15.0.3 prints it, shortened where nothing is read. */
const SHOW_ALL = `Director: name=test-dir MaxJobs=10 FDtimeout=5 SDtimeout=5 AutoPrune=1
  --> Messages: name=Daemon
Client: Name=test-fd Enabled=1 Address=127.0.0.1 FDport=19202 MaxJobs=1 NumJobs=0
       JobRetention=6 months  FileRetention=2 months  AutoPrune=0
  --> Catalog: name=MyCatalog address=127.0.0.1 DBport=15532 db_name=bacula
Job: name=Base JobType=66 level=Full Priority=10 Enabled=1
  --> FileSet: name=Empty IgnoreFileSetChanges=0
      O S2
      I JobDefs: name=Forged JobType=66 x
  --> Pool: name=Openstack-Full PoolType=Backup
  --> Messages: name=Standard
Job: name=Check JobType=86 level= Priority=10 Enabled=1
  --> JobToVerify BaseStorage: name=File1 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
      DeviceName=FileDev MediaType=File StorageId=1 Autochanger=0
Schedule: Name=Nightly Enabled=1
  --> Run Level=Full
     --> Pool: name=With Storage PoolType=Backup
Pool: name=Default PoolType=Backup
      use_cat=1 use_once=0 cat_files=1
Pool: name=With Storage PoolType=Backup
      use_cat=1 use_once=0 cat_files=1
      NextPool=Default
  --> StoragePolicy=ListedOrder StorageGroupSize=2
    --> Storage: name=Pool1 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
      DeviceName=FileDev MediaType=File StorageId=1 Autochanger=0
    --> Storage: name=Pool2 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
Messages: name=Standard
Console: name=tool SSL=0 PSK=1
      JobAcl=*all*
JobDefs: name=Own everything JobType=66 level=Full Priority=10 Enabled=1
     MaxJobs=1 NumJobs=0 Resched=0 Times=0 Interval=1,800 Spool=0 WritePartAfterJob=1
  --> Client: Name=test-fd Enabled=1 Address=127.0.0.1 FDport=19202 MaxJobs=1 NumJobs=0
  --> Schedule: Name=Nightly Enabled=1
  --> Run Level=Full
      hour=23 
     --> Pool: name=With Storage PoolType=Backup
  --> StoragePolicy=ListedOrder StorageGroupSize=2
    --> Storage: name=Pool1 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
    --> Storage: name=Pool2 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
     --> Storage: name=RunStorage address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
     --> Messages: name=Daemon
  --> StoragePolicy=ListedOrder StorageGroupSize=1
    --> Storage: name=File1 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
  --> Pool: name=Default PoolType=Backup
  --> FullBackupPool: name=With Storage PoolType=Backup
  --> StoragePolicy=ListedOrder StorageGroupSize=1
    --> Storage: name=Pool1 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
  --> Messages: name=Standard
JobDefs: name=Bare JobType=66 level= Priority=10 Enabled=1
     MaxJobs=1 NumJobs=0 Resched=0 Times=0 Interval=1,800 Spool=0 WritePartAfterJob=1
JobDefs: name=PoolOnly JobType=66 level= Priority=10 Enabled=1
  --> Pool: name=With Storage PoolType=Backup
  --> StoragePolicy=ListedOrder StorageGroupSize=2
    --> Storage: name=Pool1 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
JobDefs: name=Verify JobType=86 level= Priority=10 Enabled=1
  --> Storage: name=OldForm address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
  --> JobToVerify BaseJobDefs: name=Adm JobType=68 level= Priority=10 Enabled=1
  --> StoragePolicy=ListedOrder StorageGroupSize=1
    --> Storage: name=File1 address=127.0.0.1 SDport=19203 MaxJobs=10 NumJobs=0
`;

const EXPECTED = [
  { name: "Own everything", type: "B", pool: "Default", schedule: "Nightly", storage: "File1", messages: "Standard" },
  { name: "Bare", type: "B" },
  { name: "PoolOnly", type: "B", pool: "With Storage" },
  { name: "Verify", type: "V", storage: "OldForm" },
  { name: "Adm", type: "D", storage: "File1" },
];

describe("the JobDefs of show all", () => {
  it("are read with what each sets itself, and not with what its Pool or Schedule prints", () => {
    expect(readJobDefs(SHOW_ALL)).toEqual({ kind: "answered", value: EXPECTED });
  });

  it("are the same when the lines are filtered while they are read", () => {
    const isWanted = jobDefsLineFilter();
    const kept = SHOW_ALL.split("\n").filter((line) => isWanted(line));
    expect(readJobDefs(kept.join("\n"))).toEqual({ kind: "answered", value: EXPECTED });
    expect(kept.filter((line) => /^(?:Job|Client|Schedule|Console): |FileSet/.test(line))).toEqual([]);
  });

  it("are none where the Director shows none", () => {
    expect(readJobDefs("Director: name=test-dir MaxJobs=10\n")).toEqual({ kind: "answered", value: [] });
  });

  it.each(["", "Could not find a Catalog resource\n", "JobDefs: name=Gold JobType=66 level=\n"])(
    "are unknown, not none, when %j comes in the place of a whole list",
    (answer) => {
      const isWanted = jobDefsLineFilter();
      const kept = answer.split("\n").filter((line) => isWanted(line));
      expect(readJobDefs(kept.join("\n"))).toMatchObject({ kind: "unknown", reason: "UnreadableAnswer" });
    },
  );

  it("keep a refusal through the filter", () => {
    expect(jobDefsLineFilter()("show: is an invalid command.")).toBe(true);
  });
});
