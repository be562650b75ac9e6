import type { HandEdit } from "./history.ts";
import type { ModelDisk } from "./model-disk.ts";
import { SEEN_DIRECTIVE, UNKNOWN_DIRECTIVE } from "./unknown-directive.ts";

/** A person edits one VM's folder, `<datacenter>/<openstack>/<slug>`; `other` is another folder of the same client. */
export function editByHand(disk: ModelDisk, folder: string, other: string, edit: HandEdit): void {
  for (const [path, text] of editedFiles(disk.files(), folder, other, edit)) disk.write(path, text);
}

type Written = readonly (readonly [path: string, text: string])[];

function editedFiles(files: ReadonlyMap<string, string>, folder: string, other: string, edit: HandEdit): Written {
  const path = `${folder}/job`;
  const job = files.get(path);
  if (job === undefined) return [];
  const inside = (line: string) => job.replace("Job {\n", `Job {\n${line}\n`);
  const parent = folder.slice(0, folder.lastIndexOf("/"));
  const slug = folder.slice(parent.length + 1);
  switch (edit) {
    case "comment":
      return [[path, `# by hand\n${inside('  # Pool = "Other"  as it was; {')}# the end\n`]];
    case "directive":
      return [[path, inside("  Priority   = 11 ; Max Run Time=3600   # by hand")]];
    case "runScript":
      return [[path, inside('  RunScript {\n    RunsWhen = Before\n    Command = "x # } y"\n  }')]];
    case "pool":
      return [[path, job.replace(/Pool( *)= "[^"]*"/, 'Pool$1= "Scratch"')]];
    case "badPool":
      return [[path, job.replace(/Pool( *)= "[^"]*"/, 'Pool$1= "Nope"')]];
    case "pause":
      return [[path, job.replace(/Enabled( *)= yes/, "Enabled$1= no")]];
    case "hold":
    case "suspend":
      return [[path, `#@${edit}: by hand\n${job}`]];
    case "release":
      return [[path, job.replaceAll(/^#@(hold|suspend):.*\n/gm, "")]];
    case "break":
      return [[path, `${job}}\n`]];
    case "unknown":
      return [[path, inside(UNKNOWN_DIRECTIVE)]];
    case "unknownSeen":
      return [[path, inside(`${UNKNOWN_DIRECTIVE}\n${SEEN_DIRECTIVE}`)]];
    case "copyBefore":
    case "copyBehind": {
      const copy = `${parent}/${edit === "copyBefore" ? `0${slug}` : `${slug}-copy`}`;
      const fileSet = files.get(`${folder}/fileset`);
      return [...(fileSet === undefined ? [] : [[`${copy}/fileset`, fileSet] as const]), [`${copy}/job`, job]];
    }
    case "takeName": {
      const name = /Name +=.*/.exec(files.get(`${other}/job`) ?? "")?.[0];
      return name === undefined ? [] : [[path, job.replace(/Name +=.*/, name)]];
    }
    case "foreign": {
      const own = `own-${parent.replace("/", "-")}-${slug}`;
      return [
        [`${parent}/${own}/fileset`, `FileSet {\n  Name = "${own}"\n  Include { File = /etc }\n}\n`],
        [`${parent}/${own}/job`, `Job {\n  Name = "${own}"\n  JobDefs = "DefaultJob"\n  FileSet = "${own}"\n}\n`],
      ];
    }
    case "fileSetComment":
    case "ownProxy": {
      const fileSet = files.get(`${folder}/fileset`);
      if (fileSet === undefined) return [];
      const edited =
        edit === "ownProxy"
          ? fileSet.replace(/proxy_server=\S+/, "proxy_server=mine")
          : fileSet.replace("Options {", "Options { # by hand\n      compression = GZIP ; onefs=no");
      return [[`${folder}/fileset`, edited]];
    }
    case "futureStamp":
      return [[path, job.replace(/^(#@missing-since: *).*$/m, "$12099-01-01T00:00:00Z")]];
    default:
      return edit satisfies never;
  }
}
