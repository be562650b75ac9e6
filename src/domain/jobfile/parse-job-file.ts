import { HEADER_LINE, HEADER_NAMES } from "./headers.ts";
import type { JobDirectives, JobFile, JobHeaders, Read } from "./job-file.ts";
import { nameProblem } from "./resource-name.ts";
import { type Statement, scanResource } from "./resource-text.ts";
import { parseTimestamp } from "./timestamps.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export interface ReadOptions {
  /** IANA name, for times without a zone (setting TIMEZONE). */
  readonly timeZone: string;
}

/**
 * Reads a `job` file: ours or the white paper's own, with any white space. A file without a single `#@` header is
 * `foreign`: a person's, never touched. All else that is not exactly one sound Job resource is `invalid`.
 */
export function parseJobFile(text: string, { timeZone }: ReadOptions): Read<JobFile> {
  const headers = readHeaders(text, timeZone);
  if (headers.kind !== "read") return headers;
  const directives = parseJobDirectives(text);
  return directives.kind === "read"
    ? { kind: "read", value: { headers: headers.value, directives: directives.value } }
    : directives;
}

/** Reads the one Job resource of a text, whoever wrote it. */
export function parseJobDirectives(text: string): Exclude<Read<JobDirectives>, { kind: "foreign" }> {
  const scan = scanResource(text);
  if (scan.kind === "invalid") return scan;
  if (scan.resource.type !== "job")
    return { kind: "invalid", line: 1, reason: `a ${scan.resource.type} resource instead of a Job` };
  const own = scan.resource.statements.filter(({ path }) => path.length === 0);
  const twice = repeated(own);
  if (twice !== undefined) return { kind: "invalid", line: twice.line, reason: `${twice.keyword} stands twice` };
  const value = (keyword: string) => own.find((statement) => statement.keyword === keyword)?.value;
  const name = value("name");
  if (name === undefined) return { kind: "invalid", line: 1, reason: "the Job has no Name" };
  const problem = nameProblem(name);
  if (problem !== undefined) return { kind: "invalid", line: 1, reason: `Name ${problem}` };
  const enabled = readEnabled(value("enabled"));
  if (enabled === "invalid")
    return { kind: "invalid", line: 1, reason: `Enabled is ${JSON.stringify(value("enabled"))}: yes or no` };
  const directives = {
    name,
    jobDefs: value("jobdefs"),
    client: value("client"),
    fileSet: value("fileset"),
    storage: value("storage"),
    pool: value("pool"),
    schedule: value("schedule"),
    messages: value("messages"),
    enabled,
  };
  return { kind: "read", value: withoutUndefined(directives) };
}

function readHeaders(text: string, timeZone: string): Read<JobHeaders> {
  const found = new Map<string, { readonly value: string; readonly line: number }>();
  for (const [index, line] of text.split("\n").entries()) {
    const match = HEADER_LINE.exec(line);
    if (match?.[1] !== undefined && !found.has(match[1]))
      found.set(match[1], { value: match[3] ?? "", line: index + 1 });
  }
  if (found.size === 0) return { kind: "foreign" };
  const header = (name: keyof JobHeaders) => found.get(HEADER_NAMES[name]);
  const invalid = (name: keyof JobHeaders, allowed: string): Read<JobHeaders> => {
    const at = header(name);
    const what = at === undefined ? "is missing" : `is ${JSON.stringify(at.value)}`;
    return { kind: "invalid", line: at?.line ?? 1, reason: `#@${HEADER_NAMES[name]} ${what}: ${allowed}` };
  };

  for (const name of ["vm", "datacenter", "openstack", "client"] as const) {
    if (header(name) === undefined) return invalid(name, "every job file of ours has it");
  }
  const uuid = header("uuid")?.value.toLowerCase() ?? "";
  if (!UUID.test(uuid)) return invalid("uuid", "a uuid is expected");
  const status = header("status")?.value;
  if (status !== "active" && status !== "disabled") return invalid("status", "active or disabled is expected");

  const stamps: { -readonly [K in "missingSince" | "disabled" | "reenabled"]?: number } = {};
  for (const name of ["missingSince", "disabled", "reenabled"] as const) {
    const at = header(name);
    if (at === undefined) continue;
    const ms = parseTimestamp(at.value, timeZone);
    if (ms === undefined) return invalid(name, "a time such as 2026-05-18T19:00:00Z is expected");
    stamps[name] = ms;
  }
  const text_ = (name: keyof JobHeaders) => header(name)?.value;
  return {
    kind: "read",
    value: withoutUndefined({
      vm: text_("vm") ?? "",
      uuid,
      datacenter: text_("datacenter") ?? "",
      openstack: text_("openstack") ?? "",
      client: text_("client") ?? "",
      status,
      ...stamps,
      hold: text_("hold"),
      suspend: text_("suspend"),
      jobDefs: text_("jobDefs"),
      firstBackup: text_("firstBackup") === "wanted" ? ("wanted" as const) : undefined,
    }),
  };
}

/** Directives that may stand once; the Director takes the last, a person may mean either. */
function repeated(statements: readonly Statement[]): Statement | undefined {
  const known = new Set(["name", "jobdefs", "client", "fileset", "storage", "pool", "schedule", "messages", "enabled"]);
  const seen = new Set<string>();
  return statements.find(({ keyword }) => known.has(keyword) && (seen.has(keyword) || !seen.add(keyword)));
}

function readEnabled(value: string | undefined): boolean | undefined | "invalid" {
  switch (value?.toLowerCase()) {
    case undefined:
      return undefined;
    case "yes":
    case "true":
      return true;
    case "no":
    case "false":
      return false;
    default:
      return "invalid";
  }
}

function withoutUndefined<T extends object>(value: T): T {
  for (const key of Object.keys(value) as (keyof T)[]) if (value[key] === undefined) delete value[key];
  return value;
}
