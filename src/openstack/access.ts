import { Secret } from "../settings/secret.ts";
import type { Cloud } from "./cloud.ts";

/** How to log in at Keystone. */
export interface OpenStackAccess {
  /** Ends in `/v3`. */
  readonly authUrl: string;
  /** Where it was read, for messages: `clouds.yaml /etc/openstack/clouds.yaml, cloud dc1`. */
  readonly source: string;
  readonly identity: Identity;
  readonly region?: string | undefined;
  /** Of the endpoints in the service catalog: `public`, `internal` or `admin`. */
  readonly interface: string;
  readonly tls: { readonly verify: boolean; readonly caFile?: string | undefined };
}

/** Names are within a domain, ids stand alone (Keystone v3 API, "Password authentication", "application credential"). */
export type Identity =
  | {
      readonly kind: "password";
      readonly user: Named;
      readonly password: Secret;
      /** Absent: Keystone takes the user's default project, or none. */
      readonly project?: Named | undefined;
    }
  | { readonly kind: "applicationCredential"; readonly id: string; readonly secret: Secret }
  | {
      readonly kind: "namedApplicationCredential";
      readonly name: string;
      readonly user: Named;
      readonly secret: Secret;
    };

export type Named =
  | { readonly id: string }
  | { readonly name: string; readonly domain: { readonly id: string } | { readonly name: string } };

export type AccessOrProblem =
  | { readonly kind: "access"; readonly access: OpenStackAccess }
  | { readonly kind: "unusable"; readonly problem: string; readonly remedy: string };

/** Puts a cloud's keys together into a login; a key that is missing is named, a value never. */
export function accessOf(cloud: Cloud, source: string): AccessOrProblem {
  const auth = cloud.auth ?? {};
  const authUrl = authUrlOf(auth.auth_url);
  if (authUrl === undefined) {
    const problem =
      auth.auth_url === undefined ? "has no auth_url" : `has auth_url "${auth.auth_url}", which is no URL`;
    return unusable(source, problem, "set it to Keystone's, such as https://keystone:5000/v3");
  }
  const identity = identityOf(cloud);
  if (typeof identity === "string")
    return unusable(source, identity, "set it, see openstack --help or the openrc file");
  return {
    kind: "access",
    access: {
      authUrl,
      source,
      identity,
      region: cloud.region_name,
      interface: (cloud.interface ?? "public").replace(/URL$/u, ""),
      tls: { verify: cloud.verify ?? true, caFile: cloud.cacert },
    },
  };
}

function unusable(source: string, problem: string, remedy: string): AccessOrProblem {
  return { kind: "unusable", problem: `${source} ${problem}`, remedy };
}

/** With `/v3`, which many write and many leave out. A user or password in the URL is no auth_url. */
function authUrlOf(text: string | undefined): string | undefined {
  if (text === undefined || !URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (!["http:", "https:"].includes(url.protocol) || url.username !== "" || url.password !== "") return undefined;
  const path = url.pathname.replace(/\/+$/u, "").replace(/\/v(?:3|2\.0)$/u, "");
  return `${url.origin}${path}/v3`;
}

/** A string says what is missing. */
function identityOf({ auth_type: type = "", auth = {} }: Cloud): Identity | string {
  const { application_credential_id: id, application_credential_name: name } = auth;
  if (id !== undefined || name !== undefined || type === "v3applicationcredential") {
    const secret = auth.application_credential_secret;
    if (secret === undefined) return "has no application_credential_secret";
    if (id !== undefined) return { kind: "applicationCredential", id, secret: new Secret(secret) };
    if (name === undefined) return "has no application_credential_id";
    const user = named(auth.user_id, auth.username, auth.user_domain_id, auth.user_domain_name);
    if (user === undefined) return "has an application_credential_name and no user_id or username";
    return { kind: "namedApplicationCredential", name, user, secret: new Secret(secret) };
  }
  if (!["", "password", "v3password"].includes(type))
    return `has auth_type ${type}; password and v3applicationcredential are supported`;
  const user = named(auth.user_id, auth.username, auth.user_domain_id, auth.user_domain_name);
  if (user === undefined) return "has no username";
  if (auth.password === undefined) return "has no password";
  const project = named(auth.project_id, auth.project_name, auth.project_domain_id, auth.project_domain_name);
  return { kind: "password", user, password: new Secret(auth.password), project };
}

function named(
  id: string | undefined,
  name: string | undefined,
  domainId: string | undefined,
  domainName: string | undefined,
): Named | undefined {
  if (id !== undefined) return { id };
  if (name === undefined) return undefined;
  if (domainName !== undefined && domainId === undefined) return { name, domain: { name: domainName } };
  return { name, domain: { id: domainId ?? "default" } };
}
