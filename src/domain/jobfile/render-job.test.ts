import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ClientPolicy } from "../client/client-policy.ts";
import { parseFileSetFile } from "./parse-fileset-file.ts";
import { parseJobFile } from "./parse-job-file.ts";
import { UnsafeValueError } from "./quoted.ts";
import { renderFileSet } from "./render-fileset.ts";
import { type NewVmFiles, renderJob } from "./render-job.ts";
import { vmHeader } from "./vm-header.ts";

const policy: ClientPolicy = {
  datacenter: "datacenter1",
  openstack: "openstack1",
  client: "bacula-dc1-os1-fd",
  jobPrefix: "backup-dc1-os1-",
  proxyServer: "dc1-os1-proxy",
  jobDefs: { name: "DefaultJob", from: "Global" },
  overrideTaggedJobDefs: false,
  storage: "File1",
  pool: "Default",
  schedule: "WeeklyCycle",
  messages: "Standard",
  dedup: "sha256",
  signature: "SHA256",
  plugin: { name: "openstack", selector: "instance", options: "" },
  intervalMs: 600_000,
  graceDays: 14,
  maxMissing: { count: 10, percent: 20 },
  allowEmpty: false,
  optOutAction: "Leave",
  firstBackup: "Scheduled",
  healMissingFiles: true,
  mode: "Enforce",
  suspended: false,
  deletionPolicy: "Retain",
};
const vm: NewVmFiles = {
  policy,
  slug: "rocky9-instance1",
  uuid: "014c5892-5efb-4efb-bd60-4e038800475d",
  vmName: "rocky9-instance1",
  directives: {
    jobDefs: "DefaultJob",
    storage: "File1",
    pool: "Default",
    schedule: "WeeklyCycle",
    messages: "Standard",
  },
  createdMs: Date.UTC(2026, 4, 18, 19),
};

const WHITE_PAPER_JOB = `#@vm: rocky9-instance1
#@uuid:          014c5892-5efb-4efb-bd60-4e038800475d
#@datacenter:    datacenter1
#@openstack:     openstack1
#@client:        bacula-dc1-os1-fd
#@status:        active
# Managed by bacula-openstack-sync | created: 2026-05-18 19:00:00

Job {
  Name       = "backup-dc1-os1-rocky9-instance1"
  JobDefs    = "DefaultJob"
  Client     = "bacula-dc1-os1-fd"
  FileSet    = "fs-datacenter1-openstack1-rocky9-instance1"
  Storage    = "File1"
  Pool       = "Default"
  Schedule   = "WeeklyCycle"
  Messages   = "Standard"
  Enabled    = yes
}
`;
const WHITE_PAPER_FILESET = `FileSet {
  Name = "fs-datacenter1-openstack1-rocky9-instance1"
  Include {
    Options {
      signature = SHA256
      dedup     = sha256
    }
    Plugin = "openstack: proxy_server=dc1-os1-proxy instance=014c5892-5efb-4efb-bd60-4e038800475d"
  }
}
`;

describe("the job file of a new VM", () => {
  it("is the white paper's, byte for byte", () => {
    expect(renderJob(vm)).toBe(WHITE_PAPER_JOB);
  });

  it("leaves out the line of a directive that policy leaves to the JobDefs", () => {
    expect(renderJob({ ...vm, directives: { jobDefs: "Gold", pool: undefined } })).toContain(
      '  JobDefs    = "Gold"\n  Client     = "bacula-dc1-os1-fd"\n' +
        '  FileSet    = "fs-datacenter1-openstack1-rocky9-instance1"\n  Enabled    = yes\n}\n',
    );
  });

  it("says that a first backup is wanted", () => {
    expect(renderJob({ ...vm, firstBackup: "wanted" })).toContain(
      "#@status:        active\n#@first-backup:  wanted\n# Managed by",
    );
  });

  it.each<[string, Partial<NewVmFiles>]>([
    ["a quote in a Pool", { directives: { pool: 'a"\nRunScript {' } }],
    ["a letter that Bacula has not in names", { directives: { jobDefs: "Größe" } }],
    ["an empty name", { directives: { storage: "" } }],
    ["a line break in the uuid", { uuid: "x\nJob {" }],
    ["a line break in the datacenter", { policy: { ...policy, datacenter: "dc1\nJob {" } }],
    ["a CR in the client", { policy: { ...policy, client: "c\rJob {" } }],
    ["an absurdly long prefix", { policy: { ...policy, jobPrefix: "p".repeat(200) } }],
  ])("refuses %s", (_what, change) => {
    expect(() => renderJob({ ...vm, ...change })).toThrow(UnsafeValueError);
  });

  it("is read back as it was meant, whatever a tenant calls the VM", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 400 }), (vmName) => {
        const read = parseJobFile(renderJob({ ...vm, vmName }), { timeZone: "UTC" });
        expect(read).toStrictEqual({
          kind: "read",
          value: {
            headers: {
              vm: vmHeader(vmName),
              uuid: vm.uuid,
              datacenter: "datacenter1",
              openstack: "openstack1",
              client: "bacula-dc1-os1-fd",
              status: "active",
            },
            directives: {
              name: "backup-dc1-os1-rocky9-instance1",
              client: "bacula-dc1-os1-fd",
              fileSet: "fs-datacenter1-openstack1-rocky9-instance1",
              ...vm.directives,
              enabled: true,
            },
            createdMs: vm.createdMs,
          },
        });
      }),
    );
  });
});

describe("the fileset file of a new VM", () => {
  it("is the white paper's, byte for byte", () => {
    expect(renderFileSet(vm)).toBe(WHITE_PAPER_FILESET);
  });

  it.each(["", "none", "None"])("has no dedup line for %j", (dedup) => {
    expect(renderFileSet({ ...vm, policy: { ...policy, dedup } })).toBe(
      WHITE_PAPER_FILESET.replace("      dedup     = sha256\n", ""),
    );
  });

  it("takes plugin, selector, options and signature from the policy", () => {
    const plugin = { name: "kvm", selector: "server", options: "verbose=1 debug=2" };
    const text = renderFileSet({ ...vm, policy: { ...policy, plugin, signature: "XXH3_128" } });
    expect(text).toContain("      signature = XXH3_128\n");
    expect(parseFileSetFile(text)).toStrictEqual({
      kind: "read",
      value: {
        name: "fs-datacenter1-openstack1-rocky9-instance1",
        plugins: [`kvm: proxy_server=dc1-os1-proxy server=${vm.uuid} verbose=1 debug=2`],
      },
    });
  });

  it.each<[string, Partial<NewVmFiles>]>([
    ["an empty uuid, which would back up the whole cloud", { uuid: "" }],
    ["a uuid of two words", { uuid: "a b" }],
    ["a proxy of two words", { policy: { ...policy, proxyServer: "a instance=x" } }],
    ["an empty selector", { policy: { ...policy, plugin: { ...policy.plugin, selector: "" } } }],
    ["an empty plugin name", { policy: { ...policy, plugin: { ...policy.plugin, name: "" } } }],
    ["options of two lines", { policy: { ...policy, plugin: { ...policy.plugin, options: "a\nb" } } }],
    [
      "a plugin line that is too long",
      { policy: { ...policy, plugin: { ...policy.plugin, options: "x".repeat(4900) } } },
    ],
    ["a signature that is a directive", { policy: { ...policy, signature: "MD5\nfoo" } }],
    ["a dedup that opens a block", { policy: { ...policy, dedup: "none {" } }],
    ["a slug that Bacula takes not", { slug: "é" }],
  ])("refuses %s", (_what, change) => {
    expect(() => renderFileSet({ ...vm, ...change })).toThrow(UnsafeValueError);
  });
});
