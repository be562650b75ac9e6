import { type Check, fail, ok, skip, warn } from "./check.ts";

/** What was found of OpenStack, up to the step that failed. Only `preflight` asks OpenStack; a sync never does. */
export type OpenStackFacts =
  /** No OS_* variable and no clouds.yaml. */
  | { readonly kind: "noCredentials" }
  | { readonly kind: "unusable"; readonly problem: string; readonly remedy: string }
  | ({ readonly kind: "noLogin"; readonly authUrl: string; readonly source: string } & OpenStackTrouble)
  | {
      readonly kind: "loggedIn";
      readonly source: string;
      readonly login: OpenStackLogin;
      /** Absent: there is no compute endpoint to ask. */
      readonly servers?:
        | { readonly kind: "listed"; readonly isEmpty: boolean }
        | ({ readonly kind: "failed" } & OpenStackTrouble)
        | undefined;
    };

export interface OpenStackTrouble {
  readonly reason: "Unreachable" | "TlsFailed" | "Unauthorized" | "Refused" | "NotOpenStack";
  /** One line, without secrets. */
  readonly detail: string;
}

/** What a successful login at Keystone said. Times are ms since the epoch. */
export interface OpenStackLogin {
  readonly authUrl: string;
  readonly method: "password" | "applicationCredential";
  readonly nowMs: number;
  readonly tokenExpiresAtMs: number;
  /** Of the user's password; undefined: never. */
  readonly passwordExpiresAtMs?: number | undefined;
  /** Of the application credential; undefined: never. */
  readonly credentialExpiresAtMs?: number | undefined;
  /** Undefined: the token is for no project. */
  readonly project?: string | undefined;
  /** Types of the services in the catalog. */
  readonly services: readonly string[];
  /** The compute endpoint of the wanted region and interface. */
  readonly computeUrl?: string | undefined;
  readonly wanted: { readonly region?: string | undefined; readonly interface: string };
}

const DAY_MS = 24 * 3600 * 1000;
/** Enough to make new credentials in office hours. */
const EXPIRY_WARNING_DAYS = 30;
/** A listing of a large fleet takes minutes. */
const SHORT_TOKEN_MS = 10 * 60_000;

/** White paper 8.1, "OpenStack API": Keystone reachable, credentials set, authentication succeeds; and compute answers. */
export function judgeOpenStack(facts: OpenStackFacts): readonly Check[] {
  switch (facts.kind) {
    case "noCredentials":
      return [
        skip(
          "no credentials: neither OS_CLOUD nor OS_AUTH_URL is set, and there is no clouds.yaml; a sync needs none, the plugin on the proxy does",
        ),
      ];
    case "unusable":
      return [fail("the OpenStack credentials cannot be used", facts.problem, facts.remedy)];
    case "noLogin":
      return [
        fail(
          facts.reason === "Unauthorized"
            ? `authentication at ${facts.authUrl} failed`
            : `Keystone at ${facts.authUrl} does not answer as it should`,
          facts.detail,
          LOGIN_REMEDY[facts.reason].replace("%", facts.source),
        ),
      ];
    case "loggedIn":
      return [...judgeLogin(facts.login), ...judgeServers(facts)];
    default:
      return facts satisfies never;
  }
}

const LOGIN_REMEDY: Readonly<Record<OpenStackTrouble["reason"], string>> = {
  Unreachable: "correct the auth_url (%), or open the way to it",
  TlsFailed: "set OS_CACERT (cacert in clouds.yaml) to the CA of its certificate, or correct the auth_url (%)",
  Unauthorized:
    "correct user, password, domain and project, or the application credential (%): Keystone says the same for a wrong secret, an expired credential and an unknown project",
  Refused: "look at Keystone's log; the request comes from %",
  NotOpenStack: "correct the auth_url (%): it must be that of Keystone v3, such as https://keystone:5000/v3",
};

function judgeServers({ servers }: Extract<OpenStackFacts, { kind: "loggedIn" }>): readonly Check[] {
  if (servers === undefined) return [];
  if (servers.kind === "listed") {
    return [
      servers.isEmpty
        ? warn(
            "compute lists no server",
            "the project is empty, or the credentials see only their own project",
            "use credentials of the project, or the role, whose VMs the proxy backs up",
          )
        : ok("compute lists a server"),
    ];
  }
  return [
    fail(
      "compute does not list servers",
      servers.detail,
      servers.reason === "Unauthorized" || servers.reason === "Refused"
        ? "give the user a role that may list servers, such as reader"
        : "look whether the endpoint in the service catalog is right and reached from here",
    ),
  ];
}

/** The login itself, the expiry of what it was made with, and whether the token may be used for Nova. */
function judgeLogin(login: OpenStackLogin): readonly Check[] {
  const by = login.method === "password" ? "a password" : "an application credential";
  return [
    ok(`authenticated at ${login.authUrl} by ${by}${login.project === undefined ? "" : `, project ${login.project}`}`),
    ...expiryOf("the password", login.passwordExpiresAtMs, login.nowMs),
    ...expiryOf("the application credential", login.credentialExpiresAtMs, login.nowMs),
    ...shortToken(login),
    judgeCompute(login),
  ];
}

function expiryOf(what: string, expiresAtMs: number | undefined, nowMs: number): readonly Check[] {
  if (expiresAtMs === undefined) return [];
  const days = Math.floor((expiresAtMs - nowMs) / DAY_MS);
  const on = new Date(expiresAtMs).toISOString().slice(0, 10);
  if (days >= EXPIRY_WARNING_DAYS) return [ok(`${what} is valid until ${on}`)];
  return [
    warn(
      `${what} expires on ${on}`,
      `that is in ${days} day${days === 1 ? "" : "s"}; the plugin on the proxy finds no VM from then on when it uses the same`,
      "make new credentials now and put them where the proxies and this program read them",
    ),
  ];
}

function shortToken({ tokenExpiresAtMs, nowMs }: OpenStackLogin): readonly Check[] {
  if (tokenExpiresAtMs - nowMs >= SHORT_TOKEN_MS) return [];
  return [
    warn(
      "the token of Keystone is valid for less than 10 minutes",
      "either Keystone's [token] expiration is that short, or its clock and ours are apart",
      "synchronise the clocks, or raise the expiration",
    ),
  ];
}

function judgeCompute({ computeUrl, services, project, wanted }: OpenStackLogin): Check {
  if (computeUrl !== undefined) return ok(`compute is in the service catalog: ${computeUrl}`);
  const place = `interface ${wanted.interface}${wanted.region === undefined ? "" : ` of region ${wanted.region}`}`;
  if (project === undefined) {
    return fail(
      "compute is not in the service catalog",
      "the token is for no project, and Keystone lists services only for a project",
      "set OS_PROJECT_NAME and OS_PROJECT_DOMAIN_NAME, or project_name in clouds.yaml",
    );
  }
  const has = services.length === 0 ? "none" : services.join(", ");
  return fail(
    `compute is not in the service catalog (${place})`,
    `it has: ${has}`,
    "correct OS_REGION_NAME or OS_INTERFACE, or register Nova's endpoint",
  );
}
