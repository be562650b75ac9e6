/** One VM as OpenStack has it. */
export interface DemoVm {
  readonly name: string;
  readonly uuid: string;
  /** The tenant's tag backup-jobdefs. */
  readonly jobDefs?: string | undefined;
  /** The tenant's tag backup=false. */
  readonly isOptedOut?: boolean | undefined;
}

/** The VM whose files are shown and which is backed up. */
export const SHOWN_VM: DemoVm = { name: "web-01", uuid: "014c5892-5efb-4efb-bd60-4e038800475d" };

export const LATER_VM: DemoVm = { name: "web-03", uuid: "9d4e1a52-61c7-4a0b-8c6f-2f1e7b90d3a4" };

/** A small site with everything in it that needs care. */
export const FLEET: readonly DemoVm[] = [
  SHOWN_VM,
  { name: "web-02", uuid: "2b7f0c1e-93a8-4d6e-9f0a-51c2d3e4f506" },
  { name: "db-01", uuid: "3c8a1d2f-a4b9-4e7f-8a1b-62d3e4f50617", jobDefs: "Gold" },
  { name: "db-02", uuid: "4d9b2e30-b5ca-4f80-9b2c-73e4f5061728", jobDefs: "Gold" },
  { name: "mail-01", uuid: "5eac3f41-c6db-4091-8c3d-84f506172839", jobDefs: "LinuxVMJob" },
  { name: "wiki", uuid: "6fbd4052-d7ec-41a2-9d4e-95061728394a", jobDefs: "Platinum" },
  { name: "Büro Server 01", uuid: "70ce5163-e8fd-42b3-8e5f-a61728394a5b" },
  { name: "build-agent", uuid: "81df6274-f90e-43c4-9f60-b728394a5b6c" },
  { name: "build-agent", uuid: "92e07385-0a1f-44d5-8071-c8394a5b6c7d" },
  { name: "scratch", uuid: "a3f18496-1b20-45e6-9182-d94a5b6c7d8e", isOptedOut: true },
  { name: "cache-01", uuid: "b40295a7-2c31-46f7-82a3-ea5b6c7d8e9f" },
  { name: "rocky9-instance1", uuid: "c513a6b8-3d42-4708-93b4-fb6c7d8e9fa0" },
];

/** What Bacula's OpenStack plugin answers to `.query ... parameter=server`: a line a VM. */
export function queryAnswer(vms: readonly DemoVm[]): string {
  return vms.map((vm) => `${recordOf(vm)}\n`).join("");
}

function recordOf({ name, uuid, jobDefs, isOptedOut }: DemoVm): string {
  const tag = jobDefs === undefined ? "" : ` tag=${jobDefs}`;
  return `server=${name} uuid=${uuid}${tag}${isOptedOut === true ? " backup=false" : ""}`;
}
