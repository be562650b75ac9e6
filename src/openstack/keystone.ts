import { z } from "zod";
import type { OpenStackLogin, OpenStackTrouble } from "../domain/preflight/judge-open-stack.ts";
import { Secret } from "../settings/secret.ts";
import type { Identity, OpenStackAccess } from "./access.ts";
import type { HttpAnswer, OpenStackHttp } from "./http.ts";

const when = z.iso.datetime().transform((text) => Date.parse(text));
/** Application credentials have times in UTC without a zone (Keystone v3 API). */
const whenWithoutZone = z.string().transform((text) => Date.parse(text.endsWith("Z") ? text : `${text}Z`));

const tokenAnswer = z.object({
  token: z.object({
    expires_at: when,
    user: z.object({ id: z.string(), password_expires_at: whenWithoutZone.nullish() }),
    project: z.object({ name: z.string() }).optional(),
    application_credential: z.object({ id: z.string() }).optional(),
    catalog: z
      .array(
        z.object({
          type: z.string(),
          endpoints: z.array(
            z.object({
              interface: z.string(),
              url: z.string(),
              region: z.string().nullish(),
              region_id: z.string().nullish(),
            }),
          ),
        }),
      )
      .default([]),
  }),
});
const credentialAnswer = z.object({ application_credential: z.object({ expires_at: whenWithoutZone.nullable() }) });

export type KeystoneLogin =
  | { readonly kind: "loggedIn"; readonly login: OpenStackLogin; readonly token: Secret }
  | ({ readonly kind: "failed" } & OpenStackTrouble);

/**
 * Logs in at Keystone v3 and reads what the token is good for; the caller revokes it with {@link revoke}. Rejects with
 * NoAnswerError when Keystone does not answer.
 */
export async function logIn(
  http: OpenStackHttp,
  access: OpenStackAccess,
  nowMs: number,
  signal: AbortSignal,
): Promise<KeystoneLogin> {
  const { authUrl } = access;
  const version = await http.call({ method: "GET", url: authUrl }, signal);
  if (!z.object({ version: z.object({ id: z.string().startsWith("v3") }) }).safeParse(version.body).success)
    return failed("NotOpenStack", `${authUrl} answers ${version.status} and not as Keystone v3`);

  const body = { auth: authBody(access.identity) };
  const answer = await http.call({ method: "POST", url: `${authUrl}/auth/tokens`, body }, signal);
  if (answer.status !== 201) return failed(answer.status === 401 ? "Unauthorized" : "Refused", words(answer));
  const parsed = tokenAnswer.safeParse(answer.body);
  if (!parsed.success || answer.subjectToken === undefined)
    return failed("NotOpenStack", `${authUrl}/auth/tokens answers 201 without a token as Keystone v3 has`);

  const token = new Secret(answer.subjectToken);
  const {
    user,
    project,
    catalog,
    expires_at: tokenExpiresAtMs,
    application_credential: credential,
  } = parsed.data.token;
  const wanted = { region: access.region, interface: access.interface };
  const login: OpenStackLogin = {
    authUrl,
    method: access.identity.kind === "password" ? "password" : "applicationCredential",
    nowMs,
    tokenExpiresAtMs,
    passwordExpiresAtMs: user.password_expires_at ?? undefined,
    credentialExpiresAtMs:
      credential === undefined
        ? undefined
        : await expiryOf(http, `${authUrl}/users/${user.id}/application_credentials/${credential.id}`, token, signal),
    project: project?.name,
    services: catalog.map(({ type }) => type).toSorted(),
    computeUrl: computeUrlIn(catalog, wanted),
    wanted,
  };
  return { kind: "loggedIn", login, token };
}

/** The token is of no use to anybody from now on. A failure is told to nobody: it expires by itself. */
export async function revoke(http: OpenStackHttp, authUrl: string, token: Secret, signal: AbortSignal): Promise<void> {
  const headers = { "X-Auth-Token": token.reveal(), "X-Subject-Token": token.reveal() };
  await http.call({ method: "DELETE", url: `${authUrl}/auth/tokens`, headers }, signal).catch(() => undefined);
}

function authBody(identity: Identity): object {
  switch (identity.kind) {
    case "password": {
      const user = { ...identity.user, password: identity.password.reveal() };
      const scope = identity.project === undefined ? {} : { scope: { project: identity.project } };
      return { identity: { methods: ["password"], password: { user } }, ...scope };
    }
    // It belongs to one project: Keystone refuses a scope beside it.
    case "applicationCredential":
      return credentialBody({ id: identity.id, secret: identity.secret.reveal() });
    case "namedApplicationCredential":
      return credentialBody({ name: identity.name, user: identity.user, secret: identity.secret.reveal() });
    default:
      return identity satisfies never;
  }
}

function credentialBody(credential: object): object {
  return { identity: { methods: ["application_credential"], application_credential: credential } };
}

/** Undefined: it never expires, or may not be read; the login has shown that it is valid now. */
async function expiryOf(
  http: OpenStackHttp,
  url: string,
  token: Secret,
  signal: AbortSignal,
): Promise<number | undefined> {
  const answer = await http.call({ method: "GET", url, headers: { "X-Auth-Token": token.reveal() } }, signal);
  const parsed = credentialAnswer.safeParse(answer.body);
  return parsed.success ? (parsed.data.application_credential.expires_at ?? undefined) : undefined;
}

type ServiceCatalog = z.infer<typeof tokenAnswer>["token"]["catalog"];

function computeUrlIn(catalog: ServiceCatalog, wanted: OpenStackLogin["wanted"]): string | undefined {
  const endpoints = catalog.filter(({ type }) => type === "compute").flatMap((service) => service.endpoints);
  return endpoints.find(
    ({ interface: face, region, region_id: id }) =>
      face === wanted.interface && (wanted.region === undefined || wanted.region === (region ?? id)),
  )?.url;
}

const errorAnswer = z.object({ error: z.object({ message: z.string() }) });

/** Keystone's own words; they name no secret. */
function words({ status, body }: HttpAnswer): string {
  const parsed = errorAnswer.safeParse(body);
  return parsed.success
    ? `Keystone answers ${status}: ${parsed.data.error.message.slice(0, 300)}`
    : `Keystone answers ${status}`;
}

function failed(reason: OpenStackTrouble["reason"], detail: string): KeystoneLogin {
  return { kind: "failed", reason, detail };
}
