import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { Discovery, LiveVm, VmWishes } from "../../../src/domain/discovery/discovery.ts";
import type { JobHeaders } from "../../../src/domain/jobfile/job-file.ts";
import type { PersonalChange } from "../../../src/domain/jobfile/personal-headers.ts";
import { POLICY } from "../policy.ts";
import type { AnswerMode } from "./history.ts";

/** Names that collide, differ only in case, are changed by the slug, or imitate the answer's own tokens. */
const NAMES =
  `web|web|Web|db|x y|x_y||..|a\nb|-rf|published.conf|b-web|x backup=false|{|q"uote|ünïcödé|@exec|web-00000000|#|;|${"long".repeat(40)}`.split(
    "|",
  );
export const nameOf = (name: number): string => NAMES[name % NAMES.length] ?? "web";

const WISHES: readonly VmWishes[] = [
  { kind: "read", optedOut: false },
  { kind: "read", optedOut: false, jobDefsTag: "Gold" },
  { kind: "read", optedOut: true },
  { kind: "read", optedOut: false, jobDefsTag: "Silver" },
  { kind: "read", optedOut: false, jobDefsTag: "Nope" },
  { kind: "read", optedOut: false, jobDefsTag: "Admin" },
  { kind: "ambiguous" },
];
const NO_WISH: VmWishes = { kind: "read", optedOut: false };

/** One OpenStack instance with its fleet as it really is, and how it is seen. */
export class ModelClient {
  policy: ClientPolicy;
  readonly fleet = new Map<string, LiveVm>();
  readonly gone: LiveVm[] = [];
  /** Of the next pass: each once, the last again and again. */
  modes: readonly AnswerMode[] = [];
  /** What was answered in the present pass. */
  answers: Discovery[] = [];
  approval: string | undefined;
  frontEnd: "operator" | "command line" = "operator";
  /** In the next pass. */
  takesOver = false;
  /** The token that the last pass showed. */
  shownToken: string | undefined;
  /** An opt-out that ended may be held until a person approves (rule 2b). */
  readonly optedOutOnce = new Set<string>();
  readonly personal = new Map<string, PersonalChange>();

  constructor(number: number) {
    const jobPrefix = ["a-", "b-", "c-"][number] ?? `client${number}-`;
    this.policy = {
      ...POLICY,
      graceDays: 5,
      openstack: `openstack${number}`,
      client: `fd${number}`,
      jobPrefix,
    };
  }

  get folder(): string {
    return `${this.policy.datacenter}/${this.policy.openstack}`;
  }

  /** The command line of this site has never agreed with the operator. */
  get policyOfFrontEnd(): ClientPolicy {
    return this.frontEnd === "operator" ? this.policy : { ...this.policy, pool: "Scratch" };
  }

  appear(uuid: string, name: string): void {
    this.fleet.set(uuid, { uuid, name, wishes: NO_WISH });
  }

  vanish(at: number): void {
    const vm = this.vmAt(at);
    if (vm === undefined) return;
    this.fleet.delete(vm.uuid);
    this.gone.push(vm);
  }

  comeBack(at: number): void {
    const [vm] = this.gone.splice(at % Math.max(1, this.gone.length), 1);
    if (vm !== undefined) this.fleet.set(vm.uuid, vm);
  }

  change(at: number, change: Partial<LiveVm>): void {
    const vm = this.vmAt(at);
    if (vm !== undefined) this.fleet.set(vm.uuid, { ...vm, ...change });
  }

  wish(at: number, wish: number): void {
    const wishes = WISHES[wish] ?? NO_WISH;
    const uuid = this.vmAt(at)?.uuid;
    if (uuid !== undefined && wishes.kind === "read" && wishes.optedOut) this.optedOutOnce.add(uuid);
    this.change(at, { wishes });
  }

  vmAt(at: number): LiveVm | undefined {
    return [...this.fleet.values()][at % Math.max(1, this.fleet.size)];
  }

  answer(): Discovery {
    const mode = this.modes[Math.min(this.answers.length, this.modes.length - 1)] ?? "complete";
    const discovery = this.#answerAs(mode);
    this.answers.push(discovery);
    return discovery;
  }

  /** A person's words that are not in the headers yet. */
  personalWishes(headers: JobHeaders): PersonalChange | undefined {
    const { hold, suspend, jobDefs } = this.personal.get(headers.uuid) ?? {};
    const isNews = (wish: string | null | undefined, header: string | undefined) =>
      wish !== undefined && (wish ?? undefined) !== header;
    const news = {
      ...(isNews(hold, headers.hold) && { hold }),
      ...(isNews(suspend, headers.suspend) && { suspend }),
      ...(isNews(jobDefs, headers.jobDefs) && { jobDefs }),
    };
    return Object.keys(news).length === 0 ? undefined : news;
  }

  changePolicy(change: number): void {
    const { policy } = this;
    const changes: readonly Partial<ClientPolicy>[] = [
      { pool: "GoldPool" },
      { pool: "Default" },
      { graceDays: 3 },
      { graceDays: 10 },
      { allowedJobDefs: ["Gold"] },
      { mode: policy.mode === "DryRun" ? "Enforce" : "DryRun" },
      { optOutAction: policy.optOutAction === "Leave" ? "Disable" : "Leave" },
      { maxMissing: { count: 3, percent: 10 } },
      { pool: "Nope" },
      { suspended: !policy.suspended },
      { proxyServer: policy.proxyServer === "proxy-b" ? "proxy-a" : "proxy-b" },
      { plugin: { ...policy.plugin, options: policy.plugin.options === "" ? "verbose=1" : "" } },
      { signature: policy.signature === "MD5" ? "SHA256" : "MD5" },
      { dedup: policy.dedup === "none" ? "bothsides" : "none" },
    ];
    this.policy = { ...policy, ...changes[change] };
  }

  #answerAs(mode: AnswerMode): Discovery {
    const vms = [...this.fleet.values()];
    const listed = (some: readonly LiveVm[]): Discovery => ({ kind: "listed", vms: some, looksLikePageLimit: false });
    switch (mode) {
      case "complete":
        return listed(vms);
      case "partial":
        return listed(vms.filter((_, at) => at % 3 !== 0));
      case "most":
        return listed(vms.slice(1));
      case "none":
        return listed([]);
      case "ambiguous":
        return listed(vms.map((vm, at) => (at % 2 === 0 ? { ...vm, wishes: { kind: "ambiguous" } } : vm)));
      case "empty":
        return { kind: "failed", reason: "EmptyAnswer", detail: "" };
      case "error":
        return { kind: "failed", reason: "PluginError", detail: "error=keystone" };
      default:
        return mode satisfies never;
    }
  }
}
