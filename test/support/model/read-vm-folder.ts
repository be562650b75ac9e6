import { parseFileSetFile } from "../../../src/domain/jobfile/parse-fileset-file.ts";
import { parseJobDirectives, parseJobFile } from "../../../src/domain/jobfile/parse-job-file.ts";
import type { FolderTexts, VmFolder } from "../../../src/sync/ports.ts";

/** One VM's folder as the volume reads it, from texts alone. */
export function readVmFolder({ slug, job, fileSet }: FolderTexts): VmFolder | undefined {
  const set = fileSet === undefined ? undefined : parseFileSetFile(fileSet);
  if (job === undefined) {
    if (set === undefined) return undefined;
    return { kind: "unfinished", slug, plugins: set.kind === "read" ? set.value.plugins : [] };
  }
  const read = parseJobFile(job, { timeZone: "UTC" });
  switch (read.kind) {
    case "foreign": {
      const directives = parseJobDirectives(job);
      return { kind: "foreign", slug, jobName: directives.kind === "read" ? directives.value.name : undefined };
    }
    case "invalid": {
      const uuid = /^#@uuid:\s*([0-9a-f-]{36})\s*$/im.exec(job)?.[1]?.toLowerCase();
      return { kind: "unreadable", slug, uuid, reason: read.reason };
    }
    case "read":
      if (set === undefined) return { kind: "ours", slug, job: read.value };
      if (set.kind === "invalid")
        return { kind: "unreadable", slug, uuid: read.value.headers.uuid, reason: set.reason };
      return { kind: "ours", slug, job: read.value, fileSet: set.value };
    default:
      return read satisfies never;
  }
}
