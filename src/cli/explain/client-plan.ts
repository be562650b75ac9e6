import { vmHeader } from "../../domain/jobfile/vm-header.ts";
import { isCalled } from "../../domain/naming/is-called.ts";
import type { ClientCondition } from "../../domain/status/client-condition.ts";
import { wireTime } from "../../domain/status/wire-time.ts";
import type { HandEdit } from "../../sync/decide/foreseen.ts";
import type { PassReport } from "../../sync/pass-report.ts";
import { type SeenVm, seenVms } from "../../sync/seen-vms.ts";
import { whatWaits } from "../../sync/what-waits.ts";
import { type ClientResult, clientResult } from "../client-result.ts";
import type { ClientOutcome } from "../pass-over-clients.ts";
import { diffText } from "./diff-text.ts";

/** One VM in what is printed of it. */
export interface NamedVm {
  readonly vm: string;
  readonly uuid: string;
  readonly job: string;
}

/** What a sync would do for one client, and what comes by itself afterwards. */
export interface ClientPlan
  extends Pick<ClientResult, "client" | "datacenter" | "openstack" | "place" | "problems" | "counts"> {
  readonly actions: readonly PlanAction[];
  readonly files: readonly (NamedVm & { readonly path: string; readonly diff: string })[];
  /** Only with `--at`. */
  readonly coming?: readonly (NamedVm & { readonly step: "disable" | "purge"; readonly at: string })[] | undefined;
  /** Differences from policy that stay, since a person wrote them. */
  readonly handEdits: readonly (NamedVm & HandEdit)[];
  /** The files as they stand now are not those that are published. */
  readonly publishes: boolean;
  /** Of how many VMs this tells. */
  readonly vms: number;
}

export interface PlanAction extends NamedVm {
  readonly action: string;
  readonly reason: string;
  /** True: it would wait for a person, as the problems say. */
  readonly waits: boolean;
}

export interface PlanQuestion {
  readonly nowMs: number;
  /** Absent: nothing is asked of the time to come. */
  readonly untilMs?: number | undefined;
  /** A VM's name, uuid or job; absent: all. */
  readonly vm?: string | undefined;
  readonly withDiff: boolean;
}

/** What is to be told of one client's dry run. */
export function clientPlan(outcome: ClientOutcome, question: PlanQuestion): ClientPlan {
  const { client, datacenter, openstack, place, problems, counts, publishing } = clientResult(outcome, question.nowMs);
  const about = { client, datacenter, openstack, place, counts };
  const publishes = publishing?.kind === "dryRun";
  if (outcome.kind !== "passed")
    return { ...about, problems, actions: [], files: [], handEdits: [], vms: 0, publishes, ...nothingComing(question) };
  const { removals, pluginLines } = whatWaits(outcome.report);
  const held = [removals, publishes ? pluginLines : undefined].flatMap((condition) =>
    condition === undefined ? [] : [heldProblem(client, condition)],
  );
  return { ...about, problems: [...problems, ...held], publishes, ...stepsOf(outcome.report, question) };
}

function nothingComing({ untilMs }: PlanQuestion): Pick<ClientPlan, "coming"> {
  return untilMs === undefined ? {} : { coming: [] };
}

/** HOLD is what somebody wanted; all else waits for a person. */
function heldProblem(client: string, { type, reason, message }: ClientCondition): ClientPlan["problems"][number] {
  const told = { reason: `${type}/${reason}`, message: `${client}: ${message}` };
  return reason === "Hold" ? { ...told, level: "WARN", fails: false } : { ...told, level: "ERROR", fails: true };
}

function stepsOf(
  report: PassReport,
  question: PlanQuestion,
): Pick<ClientPlan, "actions" | "files" | "handEdits" | "coming" | "vms"> {
  const { nowMs, untilMs, vm: word, withDiff } = question;
  const { outcome, policy } = report;
  if (outcome.kind !== "passed") return { actions: [], files: [], handEdits: [], vms: 0, ...nothingComing(question) };
  const seen = [...seenVms(report, nowMs, untilMs)].filter((vm) => word === undefined || isMeant(vm, word));
  const bySlug = new Map(seen.flatMap((vm) => (vm.vm.slug === undefined ? [] : [[vm.vm.slug, namedVm(vm)] as const])));
  const actions = seen.flatMap((vm) =>
    vm.planned.map(({ action, reason, waits }) => ({ ...namedVm(vm), action, reason, waits: waits !== undefined })),
  );
  const files = (withDiff ? (outcome.foreseen?.files ?? []) : []).flatMap((file) => {
    const vm = bySlug.get(file.slug);
    const path = `${policy.datacenter}/${policy.openstack}/${file.slug}/${file.file}`;
    return vm === undefined ? [] : [{ ...vm, path, diff: diffText(file, path) }];
  });
  const handEdits = seen.flatMap((vm) =>
    (outcome.foreseen?.handEdits.get(vm.vm.uuid) ?? []).map((edit) => ({ ...namedVm(vm), ...edit })),
  );
  const coming = seen.flatMap((vm) =>
    vm.coming.map(({ step, atMs }) => ({ ...namedVm(vm), step, at: wireTime(atMs) })),
  );
  return { actions, files, handEdits, vms: seen.length, ...(untilMs !== undefined && { coming }) };
}

/** Whether a person's word means this VM, by the name that is listed or that stands in its file. */
export function isMeant({ vm: { uuid, name, job }, jobName }: SeenVm, word: string): boolean {
  const called = { uuid, job: jobName };
  return (
    isCalled({ ...called, name }, word) || (job !== undefined && isCalled({ ...called, name: job.headers.vm }, word))
  );
}

function namedVm({ vm, jobName }: SeenVm): NamedVm {
  return { vm: vmHeader(vm.name), uuid: vm.uuid, job: jobName };
}
