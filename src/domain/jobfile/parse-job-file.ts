import { HEADER_NAMES, readHeaderLine } from "./headers.ts";
import type { JobDirectives, JobFile, JobHeaders, Read } from "./job-file.ts";
import { nameValueProblem, type Statement, scanResource } from "./resource-text.ts";
import { parseTimestamp } from "./timestamps.ts";
import { isWholeList } from "./unquoted-value.ts";

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
  const found = findHeaders(text);
  if (found.size === 0) return { kind: "foreign" };
  const directives = parseJobDirectives(text);
  if (directives.kind === "invalid") return directives;
  const headers = readHeaders(found, timeZone);
  if (headers.kind === "invalid") return headers;
  const createdMs = readCreated(text);
  return {
    kind: "read",
    value: withoutUndefined({ headers: headers.value, directives: directives.value, createdMs }),
  };
}

const CREATED = /^# Managed by bacula-openstack-sync \| created: ([^\n]*)$/m;

/** The `created:` comment's time; a comment that tells none is no reason to refuse the file. */
function readCreated(text: string): number | undefined {
  const words = CREATED.exec(text)?.[1]?.trim();
  return words === undefined ? undefined : parseTimestamp(words, "UTC");
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
  for (const statement of own) {
    const problem = NAMING.has(statement.keyword) ? referenceProblem(statement, text) : undefined;
    if (problem !== undefined)
      return { kind: "invalid", line: statement.line, reason: `${statement.keyword} ${problem}` };
  }
  const enabled = readEnabled(value("enabled"));
  if (enabled === "invalid") {
    const line = own.find(({ keyword }) => keyword === "enabled")?.line ?? 1;
    return { kind: "invalid", line, reason: `Enabled is ${JSON.stringify(value("enabled"))}: yes or no` };
  }
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

type FoundHeaders = ReadonlyMap<string, { readonly value: string; readonly line: number }>;

/** The first line of each header; a later one of the same name does not count. */
function findHeaders(text: string): FoundHeaders {
  const found = new Map<string, { readonly value: string; readonly line: number }>();
  for (const [index, line] of text.split("\n").entries()) {
    const header = readHeaderLine(line);
    if (header !== undefined && !found.has(header.name))
      found.set(header.name, { value: header.value, line: index + 1 });
  }
  return found;
}

function readHeaders(found: FoundHeaders, timeZone: string): Exclude<Read<JobHeaders>, { kind: "foreign" }> {
  const header = (name: keyof JobHeaders) => found.get(HEADER_NAMES[name]);
  const invalid = (name: keyof JobHeaders, allowed: string) => {
    const at = header(name);
    const what = at === undefined ? "is missing" : `is ${JSON.stringify(at.value)}`;
    return { kind: "invalid" as const, line: at?.line ?? 1, reason: `#@${HEADER_NAMES[name]} ${what}: ${allowed}` };
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

/** Directives whose value is the name of a resource. */
const NAMING = new Set(["name", "jobdefs", "client", "fileset", "storage", "pool", "schedule", "messages"]);

/** Directives that may stand once; the Director takes the last, a person may mean either. */
function repeated(statements: readonly Statement[]): Statement | undefined {
  const seen = new Set<string>();
  return statements.find(
    ({ keyword }) => (NAMING.has(keyword) || keyword === "enabled") && (seen.has(keyword) || !seen.add(keyword)),
  );
}

function referenceProblem(statement: Statement, text: string): string | undefined {
  // Bacula takes a list of storages, unquoted.
  if (statement.keyword !== "storage" || statement.isQuoted) return nameValueProblem(statement);
  if (!isWholeList(text.slice(statement.valueStart, statement.valueEnd)))
    return "has a blank behind an entry: a list is written as File1,File2";
  const problems = statement.value.split(",").map((value) => nameValueProblem({ ...statement, value }));
  return problems.find((problem) => problem !== undefined);
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
