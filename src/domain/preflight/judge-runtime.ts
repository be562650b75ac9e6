import { type Check, fail, ok, skip, warn } from "./check.ts";

/** What the settings say of times and of the Director's test. */
export interface RuntimeFacts {
  readonly graceDays: number;
  readonly cleanupAfterDays?: number | undefined;
  readonly isDryRun: boolean;
  readonly reloadAfterSync: boolean;
  /** Of DIRECTOR_TEST_COMMAND. */
  readonly test:
    | { readonly kind: "sound" }
    | { readonly kind: "broken"; readonly detail: string }
    | { readonly kind: "notConfigured" }
    | { readonly kind: "unknown"; readonly detail: string };
}

/** White paper 8.1, "Runtime config", for settings that are all valid. */
export function judgeRuntime(facts: RuntimeFacts): readonly Check[] {
  const { graceDays, cleanupAfterDays } = facts;
  return [
    ok(`GRACE_DAYS ${graceDays}`),
    ok(`CLEANUP_AFTER_DAYS ${cleanupAfterDays ?? "unset: nothing is ever purged"}`),
    ...(facts.isDryRun
      ? [warn("DRYRUN=1", "a sync says what it would do and changes nothing", "unset DRYRUN when that is seen")]
      : []),
    ...(facts.reloadAfterSync
      ? []
      : [
          warn(
            "RELOAD_AFTER_SYNC=0",
            "new jobs are known to the Director only after a reload by somebody else",
            "set RELOAD_AFTER_SYNC=1, or reload after each sync",
          ),
        ]),
    judgeTest(facts.test),
  ];
}

function judgeTest(test: RuntimeFacts["test"]): Check {
  switch (test.kind) {
    case "sound":
      return ok("DIRECTOR_TEST_COMMAND: the Director's configuration is sound");
    case "broken":
      return fail(
        "the Director would refuse its present configuration",
        test.detail,
        "correct that file; until then no reload works and a restarted Director does not start",
      );
    case "notConfigured":
      return skip("DIRECTOR_TEST_COMMAND is unset: the Director's configuration is not tested before a reload");
    case "unknown":
      return warn(
        "DIRECTOR_TEST_COMMAND says nothing of the configuration",
        test.detail,
        "correct the command, or let this user read the Director's configuration",
      );
    default:
      return test satisfies never;
  }
}
