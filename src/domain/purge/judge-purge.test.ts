import { describe, expect, it } from "vitest";
import type { JobFile } from "../jobfile/job-file.ts";
import { describeObstacle, judgeProof, judgeSurvey, type PurgeSurvey, purgedFileSet } from "./judge-purge.ts";

const client = { datacenter: "dc1", openstack: "os1", client: "fd1", jobPrefix: "backup-" };
const headers = {
  vm: "web",
  uuid: "u",
  datacenter: "dc1",
  openstack: "os1",
  client: "fd1",
  status: "disabled",
} as const;
const directives = { name: "backup-web", client: "fd1", fileSet: "fs-dc1-os1-web" };
const job: JobFile = { headers, directives };

describe("whose job it is", () => {
  it("is ours where name, Client and headers are what the folder and the policy give", () => {
    expect(judgeProof({ slug: "web", job }, client, new Set(["backup-db"]))).toBeUndefined();
  });
  it.each([
    ["another name", { headers, directives: { ...directives, name: "backup-db" } }],
    ["another case", { headers, directives: { ...directives, name: "backup-Web" } }],
    ["another Client", { headers, directives: { ...directives, client: "fd2" } }],
    ["no Client of its own", { headers, directives: { name: "backup-web" } }],
    ["another client's header", { headers: { ...headers, client: "fd2" }, directives }],
    ["another datacenter", { headers: { ...headers, datacenter: "dc2" }, directives }],
    ["another OpenStack", { headers: { ...headers, openstack: "os2" }, directives }],
  ])("is not proved with %s", (_what, other) => {
    expect(judgeProof({ slug: "web", job: other }, client, new Set())).toMatchObject({ kind: "NotOurs" });
  });
  it("is not proved while another folder has the name", () => {
    expect(judgeProof({ slug: "web", job }, client, new Set(["backup-web"]))).toMatchObject({ kind: "NotOurs" });
  });
  it("is told of a FileSet that a person has chosen: it stays", () => {
    expect(purgedFileSet("web", job, client)).toBe("fs-dc1-os1-web");
    expect(purgedFileSet("web", { headers, directives: { ...directives, fileSet: "Shared" } }, client)).toBe("");
  });
});

describe("what is in the catalog", () => {
  const volume = {
    mediaId: 1,
    name: "V",
    mediaType: "File",
    storage: "S",
    pool: "P",
    status: "Full",
    isProtected: false,
  };
  const survey: PurgeSurvey = {
    runs: [{ jobId: 1, type: "B", isFinished: true }],
    copiedBy: [],
    baseOf: [],
    volumes: [volume],
    objectIds: [],
  };
  it("lets finished backups go, and what never ran", () => {
    expect(judgeSurvey(survey, new Set([2]))).toBeUndefined();
    expect(judgeSurvey({ ...survey, runs: [], volumes: [] }, new Set())).toBeUndefined();
  });
  it.each([
    ["a run", { runs: [{ jobId: 1, type: "B", isFinished: false }] }, "JobId 1"],
    ["another type", { runs: [{ jobId: 1, type: "C", isFinished: true }] }, "JobId 1"],
    [
      "copies",
      { copiedBy: Array.from({ length: 12 }, (_, n) => n + 1) },
      "JobId 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more",
    ],
    ["base jobs", { baseOf: [7] }, "JobId 7"],
    ["a protected volume", { volumes: [{ ...volume, isProtected: true }] }, "V"],
    ["a volume set aside", { volumes: [{ ...volume, status: "Archive" }] }, "V"],
  ])("keeps all for %s, and names it", (_what, change, words) => {
    const obstacle = judgeSurvey({ ...survey, ...change }, new Set());
    expect(obstacle === undefined ? "" : describeObstacle(obstacle)).toContain(words);
  });
  it("keeps all while the Director has a run in hand that the catalog says has ended", () => {
    expect(judgeSurvey(survey, new Set([1]))).toEqual({ kind: "Running", jobIds: [1] });
  });
});
