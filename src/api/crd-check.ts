import { z } from "zod";
import type { CustomResourceDefinition } from "./crd.ts";
import { type StructuralSchema, structuralSchema } from "./structural-schema.ts";

/** The part of an installed CRD that is compared; everything else the API server may add to. */
const installedCrd = z.looseObject({
  spec: z.looseObject({
    versions: z.array(
      z.looseObject({
        name: z.string(),
        served: z.boolean(),
        schema: z.looseObject({ openAPIV3Schema: structuralSchema }).optional(),
        subresources: z.looseObject({ status: z.unknown().optional() }).optional(),
        selectableFields: z.array(z.looseObject({ jsonPath: z.string() })).optional(),
      }),
    ),
  }),
});

/** What the installed CRD lacks or says otherwise than this release; each by the path of the field. */
export interface CrdDifference {
  readonly missing: readonly string[];
  readonly different: readonly string[];
}

/**
 * Compares the installed CRD with the one that this program was built with. Fields that it has beyond ours are left
 * alone: a newer release may have installed it. The API server drops fields that a CRD lacks without a word, so a
 * program that went on would lose what it writes.
 */
export function compareCrd(installed: unknown, built: CustomResourceDefinition): CrdDifference {
  const [version] = built.spec.versions;
  if (version === undefined) return { missing: [], different: [] };
  const parsed = installedCrd.safeParse(installed);
  const served = parsed.success
    ? parsed.data.spec.versions.find(({ name, served: isServed }) => name === version.name && isServed)
    : undefined;
  if (served?.schema === undefined) return { missing: [`version ${version.name}`], different: [] };

  const difference = { missing: [] as string[], different: [] as string[] };
  compareSchema(served.schema.openAPIV3Schema, version.schema.openAPIV3Schema, "", difference);
  if (served.subresources?.status === undefined) difference.missing.push("the status subresource");
  const selectable = new Set(served.selectableFields?.map(({ jsonPath }) => jsonPath));
  for (const { jsonPath } of version.selectableFields ?? []) {
    if (!selectable.has(jsonPath)) difference.missing.push(`selectable field ${jsonPath.replace(/^\./u, "")}`);
  }
  return difference;
}

/** Words that change what is accepted; descriptions do not. */
const MEANING = ["type", "format", "enum", "pattern", "required", "x-kubernetes-validations"] as const;

function compareSchema(
  installed: StructuralSchema,
  built: StructuralSchema,
  path: string,
  difference: { readonly missing: string[]; readonly different: string[] },
): void {
  if (
    MEANING.some((keyword) => JSON.stringify(sorted(installed[keyword])) !== JSON.stringify(sorted(built[keyword])))
  ) {
    difference.different.push(path === "" ? "the whole object" : path);
  }
  for (const [name, property] of Object.entries(built.properties ?? {})) {
    const fieldPath = path === "" ? name : `${path}.${name}`;
    const present = installed.properties?.[name];
    if (present === undefined) difference.missing.push(fieldPath);
    else compareSchema(present, property, fieldPath, difference);
  }
  if (built.items === undefined) return;
  if (installed.items === undefined) difference.missing.push(`${path}[]`);
  else compareSchema(installed.items, built.items, `${path}[]`, difference);
}

/** The API server keeps the order of fields as it likes. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  );
}

const MOST_PATHS = 20;

/** One sentence for a person; `undefined` when the CRD is that of this release. */
export function describeCrdDifference(name: string, { missing, different }: CrdDifference): string | undefined {
  if (missing.length === 0 && different.length === 0) return undefined;
  const lacks = missing.length > 0 ? `lacks ${some(missing)}` : "";
  const differs = different.length > 0 ? `has other rules for ${some(different)}` : "";
  const faults = [lacks, differs].filter((part) => part !== "").join(", and ");
  return `the installed CRD ${name} ${faults}: apply crds/ of this release`;
}

function some(paths: readonly string[]): string {
  const more = paths.length > MOST_PATHS ? ` and ${paths.length - MOST_PATHS} more` : "";
  return paths.slice(0, MOST_PATHS).join(", ") + more;
}
