import { z } from "zod";
import { REASON_TEXT, RESOURCE_NAME } from "../domain/client/allowed-text.ts";
import { conditions, count, generation, text, time, words } from "./fields.ts";
import { asValidations, type SpecRule } from "./spec-rule.ts";

const UUID = {
  pattern: /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/u,
  maxLength: 36,
  allowed: "a uuid in lower case, such as 014c5892-5efb-4efb-bd60-4e038800475d",
};

const fields = {
  clientRef: z
    .object({
      name: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/u, "a Kubernetes name, such as dc1-os1")
        .min(1)
        .max(253)
        .describe("The OpenStackClient's name."),
    })
    .describe("The OpenStackClient in the same namespace that sees this VM. Immutable. Set by the operator."),
  uuid: text(
    UUID,
    "The VM's OpenStack uuid in lower case: its identity. A new uuid is a new VM, also under an old name. Immutable. Set by the operator.",
  ),
  vmName: words(
    1_024,
    "The VM's name as last seen, without control characters. For display only: a rename changes no job. Set by the operator.",
  ),
  jobDefs: text(
    RESOURCE_NAME,
    "A person's choice of JobDefs for this VM. It goes before the VM's tag and the client's jobDefs, and is not bound by allowedJobDefs. Default: none. Example: Gold. Kept in the job file as #@jobdefs.",
  ).optional(),
  hold: z
    .object({
      reason: text(REASON_TEXT, "Why, on one line. Example: legal case 12. Kept in the job file as #@hold."),
    })
    .describe("While set, the VM's job is never disabled and its backups are never purged. Default: none.")
    .optional(),
  suspend: z
    .object({
      reason: text(REASON_TEXT, "Why, on one line. Example: migration. Kept in the job file as #@suspend."),
    })
    .describe(
      "While set, the directives of the VM's job are not changed and absence does not count; its backups go on. Default: none.",
    )
    .optional(),
};

const rules: readonly SpecRule<unknown>[] = [
  {
    rule: "self.uuid == oldSelf.uuid",
    message: "uuid is immutable: it is the VM's identity, and another uuid is another VM",
    fieldPath: ".uuid",
  },
  {
    rule: "self.clientRef.name == oldSelf.clientRef.name",
    message: "clientRef is immutable: a VM that moves to another client is another ManagedVM there",
    fieldPath: ".clientRef",
  },
];

/** `spec` of a ManagedVM as it is on the wire. */
export const managedVmSpec = z.object(fields).meta({
  description:
    "Which VM this is, and what a person wants for it. The operator makes this object; jobDefs, hold and suspend are a person's, and come back from the job file when the object is made anew.",
  "x-kubernetes-validations": asValidations(rules),
});

/** `status` of a ManagedVM as it is on the wire. */
export const managedVmStatus = z
  .object({
    observedGeneration: generation().optional(),
    phase: z
      .enum(["Active", "Missing", "Disabled", "OptedOut", "Rejected", "Purging"])
      .describe(
        "Active: it has a job. Missing: absent from trusted listings, in its grace time. Disabled: absent for longer, its job is disabled, its backups are kept. OptedOut: tagged backup=false. Rejected: a change of its files was refused; the last good ones are in force. Purging: it is being deleted. Of several the last one in this list counts.",
      )
      .optional(),
    jobName: words(128, "The Job in the Director. Absent for an opted-out VM without a job.").optional(),
    fileSetName: words(128, "The FileSet in the Director.").optional(),
    jobDefs: z
      .object({
        name: words(128, "The JobDefs's name."),
        from: z
          .enum(["Person", "Tag", "Client", "Global"])
          .describe(
            "Who chose it. Person: spec.jobDefs. Tag: the VM's backup-jobdefs. Client: the OpenStackClient. Global: the operator's JOBDEFS.",
          ),
      })
      .describe("The JobDefs that is wanted for this VM.")
      .optional(),
    missingSince: time(
      "Since when the VM is absent; from #@missing-since of the job file. Absent for a VM that exists.",
    ).optional(),
    disableAt: time(
      "When the job will be disabled if the VM stays absent; moves on while discovery does not work. Absent while it is not on the way there.",
    ).optional(),
    disabledSince: time("Since when the job is disabled; from #@disabled of the job file.").optional(),
    purgeAt: time(
      "When the job, its files and its backups will be deleted if the VM stays absent. Absent without cleanupAfterDays, and for a held or suspended VM.",
    ).optional(),
    lastBackup: z
      .object({
        jobId: count("The catalog's JobId."),
        level: words(8, "F full, D differential, I incremental."),
        status: words(8, "T terminated normally, W with warnings."),
        endTime: time("When it ended, in UTC."),
        bytes: count("Bytes backed up."),
      })
      .describe("The last good backup: status T or W, with files.")
      .optional(),
    lastRun: z
      .object({
        jobId: count("The catalog's JobId."),
        status: words(8, "Bacula's JobStatus: T, W, f failed, A canceled, E error."),
        endTime: time("When it ended, in UTC."),
      })
      .describe("The last finished run of any status.")
      .optional(),
    conditions: conditions(
      "Ready: the VM is where its phase says and its job works. Published: the Director has the job. BackedUp: there is a good backup of the present FileSet, within maxBackupAge. PolicyAccepted: the JobDefs that was wished for is the one in force. Reconciling, Stalled, Paused: only while True.",
    ).optional(),
  })
  .describe("A mirror of the VM's job file and of the catalog. Written by the operator only; nothing is lost with it.");
export type ManagedVmStatus = z.infer<typeof managedVmStatus>;
