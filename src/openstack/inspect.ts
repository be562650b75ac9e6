import { z } from "zod";
import type { OpenStackFacts } from "../domain/preflight/judge-open-stack.ts";
import type { Secret } from "../settings/secret.ts";
import type { OpenStackAccess } from "./access.ts";
import { findAccess } from "./find-access.ts";
import { NoAnswerError, OpenStackHttp } from "./http.ts";
import { logIn, revoke } from "./keystone.ts";

/**
 * Whether the OpenStack credentials of the environment log in at Keystone and may list a server: logs in, asks compute for
 * one server, and revokes the token. Trouble is a value; rejects only with the signal's reason.
 */
export async function inspectOpenStack(
  env: Readonly<Record<string, string | undefined>>,
  now: () => number,
  signal: AbortSignal,
): Promise<OpenStackFacts> {
  const found = await findAccess(env);
  if (found.kind !== "access") return found;
  const { access } = found;
  try {
    const http = await OpenStackHttp.open(access);
    try {
      return await inspect(http, access, now(), signal);
    } finally {
      await http.close();
    }
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    return { kind: "noLogin", authUrl: access.authUrl, source: access.source, ...error.trouble };
  }
}

async function inspect(
  http: OpenStackHttp,
  access: OpenStackAccess,
  nowMs: number,
  signal: AbortSignal,
): Promise<OpenStackFacts> {
  const { authUrl, source } = access;
  const result = await logIn(http, access, nowMs, signal);
  if (result.kind === "failed")
    return { kind: "noLogin", authUrl, source, reason: result.reason, detail: result.detail };
  const { login, token } = result;
  try {
    if (login.computeUrl === undefined) return { kind: "loggedIn", source, login };
    return { kind: "loggedIn", source, login, servers: await oneServer(http, login.computeUrl, token, signal) };
  } finally {
    await revoke(http, authUrl, token, signal);
  }
}

type Servers = Extract<OpenStackFacts, { kind: "loggedIn" }>["servers"];

const serversAnswer = z.object({ servers: z.array(z.object({ id: z.string() })) });

async function oneServer(
  http: OpenStackHttp,
  computeUrl: string,
  token: Secret,
  signal: AbortSignal,
): Promise<Servers> {
  try {
    const url = `${computeUrl.replace(/\/+$/u, "")}/servers?limit=1`;
    const { status, body } = await http.call(
      { method: "GET", url, headers: { "X-Auth-Token": token.reveal() } },
      signal,
    );
    if (status === 401 || status === 403)
      return { kind: "failed", reason: "Unauthorized", detail: `compute answers ${status}: not allowed` };
    if (status !== 200) return { kind: "failed", reason: "Refused", detail: `compute answers ${status}` };
    const parsed = serversAnswer.safeParse(body);
    if (!parsed.success)
      return { kind: "failed", reason: "NotOpenStack", detail: "compute answers 200 without servers" };
    return { kind: "listed", isEmpty: parsed.data.servers.length === 0 };
  } catch (error) {
    if (!(error instanceof NoAnswerError)) throw error;
    return { kind: "failed", ...error.trouble };
  }
}
