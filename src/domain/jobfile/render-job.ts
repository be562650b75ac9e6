import type { ClientPolicy } from "../client/client-policy.ts";
import { fileSetName, jobName } from "../naming/resource-names.ts";
import { headerLine, headerValue } from "./headers.ts";
import type { JobHeaders, PolicyDirective } from "./job-file.ts";
import { quotedName } from "./quoted.ts";
import { formatCreated } from "./timestamps.ts";

/** What the files of a new VM are made of. */
export interface NewVmFiles {
  readonly policy: ClientPolicy;
  readonly slug: string;
  /** In lower case. */
  readonly uuid: string;
  /** The tenant's display name, as it is. */
  readonly vmName: string;
  /** What policy wants in the file; an absent directive's line is left out. */
  readonly directives: { readonly [K in PolicyDirective]?: string | undefined };
  readonly createdMs: number;
  /** A run is to follow the first publish (`firstBackup: Immediate`). */
  readonly firstBackup?: "wanted" | undefined;
}

/**
 * The `job` file of a new VM, byte for byte in the white paper's form (spec section 3). Throws UnsafeValueError when a
 * value could mean more to the Director than itself.
 */
export function renderJob(vm: NewVmFiles): string {
  const { policy, directives } = vm;
  const headers = [
    header("vm", vm.vmName),
    header("uuid", vm.uuid),
    header("datacenter", policy.datacenter),
    header("openstack", policy.openstack),
    header("client", policy.client),
    header("status", "active"),
    ...(vm.firstBackup === undefined ? [] : [header("firstBackup", vm.firstBackup)]),
    `# Managed by bacula-openstack-sync | created: ${formatCreated(vm.createdMs)}`,
  ];
  const lines = [
    directive("Name", jobName(policy, vm.slug)),
    directive("JobDefs", directives.jobDefs),
    directive("Client", policy.client),
    directive("FileSet", fileSetName(policy, vm.slug)),
    directive("Storage", directives.storage),
    directive("Pool", directives.pool),
    directive("Schedule", directives.schedule),
    directive("Messages", directives.messages),
    ["  Enabled    = yes"],
  ].flat();
  return `${headers.join("\n")}\n\nJob {\n${lines.join("\n")}\n}\n`;
}

function header(name: keyof JobHeaders, value: string): string {
  return headerLine(name, headerValue(name, value));
}

function directive(keyword: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [`  ${keyword.padEnd(10)} = ${quotedName(keyword, value)}`];
}
