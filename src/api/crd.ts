import type { z } from "zod";
import { CATEGORY, MANAGED_VM, OPEN_STACK_CLIENT, type ResourceNames } from "./group.ts";
import { managedVmSpec, managedVmStatus } from "./managed-vm.ts";
import { openStackClientSpec, openStackClientStatus } from "./open-stack-client.ts";
import { type StructuralSchema, toStructuralSchema } from "./structural-schema.ts";

/** A column of `kubectl get`; with a `priority` of 1 it is shown by `-o wide` only. */
interface PrinterColumn {
  readonly name: string;
  readonly type: "string" | "integer" | "date";
  readonly jsonPath: string;
  readonly priority?: 1;
}

export interface CustomResourceDefinition {
  readonly apiVersion: "apiextensions.k8s.io/v1";
  readonly kind: "CustomResourceDefinition";
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly group: string;
    readonly names: Pick<ResourceNames, "kind" | "plural" | "singular"> & {
      readonly listKind: string;
      readonly shortNames: readonly string[];
      readonly categories: readonly string[];
    };
    readonly scope: "Namespaced";
    readonly versions: readonly CrdVersion[];
  };
}

interface CrdVersion {
  readonly name: string;
  readonly served: true;
  readonly storage: true;
  readonly schema: { readonly openAPIV3Schema: StructuralSchema };
  readonly subresources: { readonly status: Readonly<Record<string, never>> };
  readonly additionalPrinterColumns: readonly PrinterColumn[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
}

const READY = '.status.conditions[?(@.type=="Ready")]';
const AGE: PrinterColumn = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };
const MESSAGE: PrinterColumn = { name: "Message", type: "string", jsonPath: `${READY}.message`, priority: 1 };

/** The two CRDs of this program, as `npm run crds` writes them into `crds/` and as the check at start expects them. */
export function customResourceDefinitions(): readonly CustomResourceDefinition[] {
  return [
    crd(OPEN_STACK_CLIENT, {
      description: "One OpenStack instance whose VMs are backed up: each of them has one Bacula Job and one FileSet.",
      spec: openStackClientSpec,
      status: openStackClientStatus,
      columns: [
        { name: "Client", type: "string", jsonPath: ".spec.client" },
        { name: "Proxy", type: "string", jsonPath: ".spec.proxyServer" },
        { name: "VMs", type: "integer", jsonPath: ".status.counts.live" },
        { name: "Missing", type: "integer", jsonPath: ".status.counts.missing" },
        { name: "Unprotected", type: "integer", jsonPath: ".status.counts.unprotected" },
        { name: "Ready", type: "string", jsonPath: `${READY}.status` },
        { name: "Last-Discovery", type: "date", jsonPath: ".status.lastDiscoveryTime" },
        AGE,
        MESSAGE,
      ],
      selectable: [],
    }),
    crd(MANAGED_VM, {
      description: "One VM and its backup. Made by the operator; owned by the OpenStackClient that sees the VM.",
      spec: managedVmSpec,
      status: managedVmStatus,
      columns: [
        { name: "Client", type: "string", jsonPath: ".spec.clientRef.name" },
        { name: "VM", type: "string", jsonPath: ".spec.vmName" },
        { name: "Phase", type: "string", jsonPath: ".status.phase" },
        { name: "JobDefs", type: "string", jsonPath: ".status.jobDefs.name" },
        { name: "Last-Backup", type: "date", jsonPath: ".status.lastBackup.endTime" },
        { name: "Ready", type: "string", jsonPath: `${READY}.status` },
        AGE,
        { name: "UUID", type: "string", jsonPath: ".spec.uuid", priority: 1 },
        { name: "Missing-Since", type: "date", jsonPath: ".status.missingSince", priority: 1 },
        // Times to come: a column of type date prints them as <invalid>.
        { name: "Disable-At", type: "string", jsonPath: ".status.disableAt", priority: 1 },
        { name: "Purge-At", type: "string", jsonPath: ".status.purgeAt", priority: 1 },
        MESSAGE,
      ],
      selectable: [".spec.clientRef.name", ".spec.uuid", ".status.phase"],
    }),
  ];
}

interface Parts {
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly columns: readonly PrinterColumn[];
  readonly selectable: readonly string[];
}

function crd(names: ResourceNames, parts: Parts): CustomResourceDefinition {
  const { group, version: name, kind, plural, singular, shortName } = names;
  const schema: StructuralSchema = {
    type: "object",
    description: parts.description,
    required: ["spec"],
    properties: { spec: toStructuralSchema(parts.spec), status: toStructuralSchema(parts.status) },
  };
  const version: CrdVersion = {
    name,
    served: true,
    storage: true,
    schema: { openAPIV3Schema: schema },
    // Without it each write of a status would count as a change of the spec and begin another pass.
    subresources: { status: {} },
    additionalPrinterColumns: parts.columns,
    ...(parts.selectable.length > 0 && { selectableFields: parts.selectable.map((jsonPath) => ({ jsonPath })) }),
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      names: { kind, listKind: `${kind}List`, plural, singular, shortNames: [shortName], categories: [CATEGORY] },
      scope: "Namespaced",
      versions: [version],
    },
  };
}
