import fc from "fast-check";
import type { DirectorMood } from "./model-director.ts";

/** How one client's `.query` answers in a pass: each entry once, the last one again and again. */
export type AnswerMode = "complete" | "partial" | "most" | "none" | "empty" | "error" | "ambiguous";

export type HandEdit =
  | "comment"
  | "directive"
  | "runScript"
  | "pool"
  | "badPool"
  | "pause"
  | "hold"
  | "suspend"
  | "release"
  | "break"
  | "unknown"
  | "unknownSeen"
  | "copyBefore"
  | "copyBehind"
  | "takeName"
  | "foreign"
  | "futureStamp"
  | "fileSetComment"
  | "ownProxy";

export type Deletion = "folder" | "job" | "fileset" | "published" | "include";

/** One thing that happens between two passes. `vm` and `client` count around what there is. */
export type WorldEvent =
  | { readonly kind: "appear"; readonly client: number; readonly count: number; readonly name: number }
  | { readonly kind: "vanish"; readonly client: number; readonly vm: number; readonly count: number }
  | { readonly kind: "return"; readonly client: number; readonly vm: number }
  | { readonly kind: "rename"; readonly client: number; readonly vm: number; readonly name: number }
  | { readonly kind: "wish"; readonly client: number; readonly vm: number; readonly wish: number }
  | { readonly kind: "allWish"; readonly client: number; readonly wish: number }
  | { readonly kind: "move"; readonly client: number; readonly vm: number }
  | { readonly kind: "answers"; readonly client: number; readonly modes: readonly AnswerMode[] }
  | { readonly kind: "catalog"; readonly state: "away" | "skew" | "fresh" }
  | { readonly kind: "policy"; readonly client: number; readonly change: number }
  | { readonly kind: "hand"; readonly client: number; readonly vm: number; readonly edit: HandEdit }
  | { readonly kind: "personal"; readonly client: number; readonly vm: number; readonly wish: number }
  /** A job begins to run in the Director, or the one that runs ends. */
  | { readonly kind: "longJob" }
  | { readonly kind: "killSwitch" }
  | { readonly kind: "clock"; readonly minutes: number }
  | { readonly kind: "restart" }
  | { readonly kind: "loseState" }
  | { readonly kind: "director"; readonly mood: DirectorMood }
  | { readonly kind: "delete"; readonly client: number; readonly vm: number; readonly what: Deletion }
  | { readonly kind: "unmount" }
  | { readonly kind: "approve"; readonly client: number }
  /** From now on the other front end has the passes, with a policy of its own. */
  | { readonly kind: "frontEnd"; readonly client: number }
  | { readonly kind: "takeOver"; readonly client: number }
  | { readonly kind: "crash"; readonly effect: number };

/** Time goes on, things happen, then each client has a pass. */
export interface Step {
  readonly hours: number;
  readonly events: readonly WorldEvent[];
}

export interface History {
  readonly clients: number;
  readonly fleet: number;
  readonly steps: readonly Step[];
}

const client = fc.nat(2);
const vm = fc.nat(30);
const name = fc.nat(20);
const modes = fc.array(
  fc.constantFrom<AnswerMode>("complete", "partial", "most", "none", "empty", "error", "ambiguous"),
  { minLength: 1, maxLength: 3 },
);
const kind = <K extends string>(value: K) => fc.constant(value);

const EVENT: fc.Arbitrary<WorldEvent> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: kind("appear"), client, count: fc.integer({ min: 1, max: 4 }), name }) },
  { weight: 6, arbitrary: fc.record({ kind: kind("vanish"), client, vm, count: fc.constantFrom(1, 1, 2, 3, 5, 12) }) },
  { weight: 4, arbitrary: fc.record({ kind: kind("return"), client, vm }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("rename"), client, vm, name }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("wish"), client, vm, wish: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("allWish"), client, wish: fc.nat(6) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("move"), client, vm }) },
  { weight: 5, arbitrary: fc.record({ kind: kind("answers"), client, modes }) },
  { weight: 3, arbitrary: fc.record({ kind: kind("catalog"), state: fc.constantFrom("away", "skew", "fresh") }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("policy"), client, change: fc.nat(13) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: kind("hand"),
      client,
      vm,
      edit: fc.constantFrom<HandEdit>(
        ...(["comment", "directive", "runScript", "pool", "badPool", "pause", "hold", "suspend", "release"] as const),
        ...([
          "break",
          "unknown",
          "unknownSeen",
          "copyBefore",
          "copyBehind",
          "takeName",
          "foreign",
          "futureStamp",
        ] as const),
        ...(["fileSetComment", "ownProxy"] as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind("personal"), client, vm, wish: fc.nat(4) }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("longJob") }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("killSwitch") }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: kind("clock"), minutes: fc.constantFrom(-20_000, -300, -4, 4, 300, 20_000) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind("restart") }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("loseState") }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: kind("director"),
      mood: fc.constantFrom<DirectorMood>("well", "refuses", "busy", "stale", "away", "showsNothing"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: kind("delete"),
      client,
      vm,
      what: fc.constantFrom<Deletion>("folder", "job", "fileset", "published", "include"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: kind("unmount") }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("approve"), client }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("frontEnd"), client }) },
  { weight: 1, arbitrary: fc.record({ kind: kind("takeOver"), client }) },
  { weight: 2, arbitrary: fc.record({ kind: kind("crash"), effect: fc.nat(12) }) },
);

/** Histories in which nothing happens most of the time, since that is when absences grow old. */
const STEP: fc.Arbitrary<Step> = fc.record({
  hours: fc.constantFrom(1, 6, 12, 24, 24, 24, 30, 40, 200),
  events: fc.oneof(
    { weight: 3, arbitrary: fc.constant<readonly WorldEvent[]>([]) },
    { weight: 4, arbitrary: fc.array(EVENT, { minLength: 1, maxLength: 3 }) },
  ),
});

export const HISTORY: fc.Arbitrary<History> = fc.record({
  clients: fc.integer({ min: 1, max: 3 }),
  // Some so large that more Plugin lines may follow a changed policy than may do so at once.
  fleet: fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: 0, max: 30 }) },
    { weight: 1, arbitrary: fc.integer({ min: 51, max: 60 }) },
  ),
  steps: fc.array(STEP, { minLength: 1, maxLength: 60, size: "max" }),
});
