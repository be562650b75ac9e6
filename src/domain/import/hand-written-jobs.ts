import type { PlacedResource } from "../jobfile/split-resources.ts";

/** A file of the Director's configuration that is not ours. */
export interface DirectorFile {
  readonly file: string;
  readonly resources: readonly PlacedResource[];
}

export interface KnownVm {
  readonly uuid: string;
  readonly name: string;
}

/** A VM that a job of the administrator's backs up, too. */
export interface HandWrittenJob {
  readonly vm: KnownVm;
  readonly job: string;
  /** Where the job stands: file and line. */
  readonly place: string;
  readonly fileSet: string;
}

/**
 * The jobs of the administrator's files whose FileSet has a Plugin line that names one of the VMs, by its uuid or by its
 * name as a whole value: with a job of ours the VM would be backed up twice. A job takes its FileSet from its JobDefs
 * when it names none.
 */
export function findHandWrittenJobs(
  files: readonly DirectorFile[],
  vms: readonly KnownVm[],
): readonly HandWrittenJob[] {
  const byName = (type: string) =>
    new Map(
      files.flatMap(({ resources }) =>
        resources
          .filter(({ resource }) => resource.type === type)
          .map((placed) => [directive(placed, "name") ?? "", placed] as const),
      ),
    );
  const jobDefs = byName("jobdefs");
  const vmsOf = new Map([...byName("fileset")].map(([name, fileSet]) => [name, namedVms(fileSet, vms)]));
  return files.flatMap(({ file, resources }) =>
    resources.flatMap((placed) => {
      const job = placed.resource.type === "job" ? directive(placed, "name") : undefined;
      if (job === undefined) return [];
      const inherited = jobDefs.get(directive(placed, "jobdefs") ?? "");
      const fileSet =
        directive(placed, "fileset") ?? (inherited === undefined ? undefined : directive(inherited, "fileset"));
      if (fileSet === undefined) return [];
      const place = `${file} line ${placed.line}`;
      return (vmsOf.get(fileSet) ?? []).map((vm) => ({ vm, job, place, fileSet }));
    }),
  );
}

function directive({ resource }: PlacedResource, wanted: string): string | undefined {
  return resource.statements.find(({ keyword, path }) => keyword === wanted && path.length === 0)?.value;
}

function namedVms({ resource }: PlacedResource, vms: readonly KnownVm[]): readonly KnownVm[] {
  const values = resource.statements
    .filter(({ keyword, path }) => keyword === "plugin" && path[0] === "include")
    .flatMap(({ value }) => value.split(/\s+/u))
    .flatMap((word) => {
      const at = word.indexOf("=");
      // `server=a,b` names two.
      return at < 0 ? [] : word.slice(at + 1).split(",");
    });
  const named = new Set(values);
  const uuids = new Set(values.map((value) => value.toLowerCase()));
  return vms.filter(({ uuid, name }) => uuids.has(uuid.toLowerCase()) || named.has(name));
}
