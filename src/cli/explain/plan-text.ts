import { EXIT, type ExitCode } from "../exit-code.ts";
import type { ClientPlan, NamedVm } from "./client-plan.ts";

/** The lines of one client's plan for standard output: a line for each step, the files' diffs, a summary. */
export function planLines(plan: ClientPlan): readonly string[] {
  const { client, actions, files, coming = [], handEdits } = plan;
  return [
    ...actions.map(
      ({ action, reason, waits, ...vm }) => `${client}: ${action} ${nameOf(vm)}: ${reason}${waits ? " (waits)" : ""}`,
    ),
    ...files.flatMap(({ diff }) => diff.trimEnd().split("\n")),
    ...handEdits.map(
      ({ directive, file, policy, ...vm }) =>
        `${client}: stays ${nameOf(vm)}: ${directive} is ${quoted(file)} by hand, policy says ${quoted(policy)}; sync --apply-policy would edit it`,
    ),
    ...coming.map(({ step, at, ...vm }) => `${client}: ${at} ${step} ${nameOf(vm)}, if nothing changes`),
    `${client}: ${summary(plan)}`,
  ];
}

function nameOf({ job, vm, uuid }: NamedVm): string {
  return `${job} (VM ${vm}, ${uuid})`;
}

function quoted(value: string | undefined): string {
  return value === undefined ? "left out" : JSON.stringify(value);
}

function summary({ counts, actions, publishes, handEdits, coming }: ClientPlan): string {
  const listed = counts === undefined ? "its VMs could not be seen" : `${counts.live} VMs listed`;
  const kinds = new Map<string, number>();
  for (const { action, waits } of actions) {
    const kind = waits ? `${action} waiting` : action;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const steps = [...kinds].map(([kind, count]) => `${kind} ${count}`).join(", ");
  const parts = [
    listed,
    steps === "" ? "a sync would change no file" : `a sync would do: ${steps}`,
    ...(publishes ? ["files as they stand are not published yet: a sync would publish them"] : []),
    ...(handEdits.length > 0 ? [`${handEdits.length} lines differ from policy by hand`] : []),
    ...(coming === undefined
      ? []
      : [`by then ${count(coming, "disable")} would be disabled and ${count(coming, "purge")} purged`]),
  ];
  return parts.join("; ");
}

function count(coming: NonNullable<ClientPlan["coming"]>, step: "disable" | "purge"): number {
  return coming.filter((one) => one.step === step).length;
}

/** What fails or waits for a person goes before what is pending: such a plan is not the whole one. */
export function planExitCode(plans: readonly ClientPlan[], isOneVm: boolean): ExitCode {
  if (plans.some(({ problems }) => problems.some(({ fails }) => fails))) return EXIT.trouble;
  // What else is to be published is no matter of the one VM that was asked for.
  const isPending = plans.some(
    ({ actions, publishes }) => actions.some(({ waits }) => !waits) || (publishes && !isOneVm),
  );
  return isPending ? EXIT.changesPending : EXIT.well;
}
