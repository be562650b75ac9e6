/** Whether the Director would run a job by itself, as it was seen when the Director was last asked (rule 7: hourly). */
export type ScheduleVerdict =
  | { readonly kind: "scheduled" }
  | { readonly kind: "notScheduled"; readonly because: NotScheduled }
  /** Its own file disables it, and so it is. */
  | { readonly kind: "disabledInFile" }
  /** Its own file disables it, but the Director runs it: a person enabled it in the console. */
  | { readonly kind: "enabledInConsole" };

/** Why the Director does not run a job by itself, although the job's own file does not disable it. */
export type NotScheduled = { readonly kind: "jobDisabled" } | NoNextRun;

/** Why a job that is enabled has no next run. */
export type NoNextRun =
  /** Neither the job file nor its JobDefs has one. */
  | { readonly kind: "noSchedule" }
  | { readonly kind: "scheduleDisabled"; readonly schedule: string }
  | { readonly kind: "clientDisabled"; readonly client: string }
  | { readonly kind: "scheduleWithoutRun"; readonly schedule: string }
  /** The Console may not see the job's Schedule or its Client. */
  | { readonly kind: "hidden" };
