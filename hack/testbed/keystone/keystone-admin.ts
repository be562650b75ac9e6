import { z } from "zod";

const made = z.record(z.string(), z.object({ id: z.string() }));
const roles = z.object({ roles: z.array(z.object({ id: z.string(), name: z.string() })) });

/** The API of Keystone v3 as somebody who has logged in; rejects on every answer of 400 and more. */
export class KeystoneAdmin {
  readonly #authUrl: string;
  readonly #token: string;

  private constructor(authUrl: string, token: string) {
    this.#authUrl = authUrl;
    this.#token = token;
  }

  static async login(
    authUrl: string,
    { name, password, project } = { name: "admin", password: "adminpw", project: "admin" },
  ): Promise<KeystoneAdmin> {
    const domain = { id: "default" };
    const body = {
      auth: {
        identity: { methods: ["password"], password: { user: { name, domain, password } } },
        scope: { project: { name: project, domain } },
      },
    };
    const response = await post(`${authUrl}/auth/tokens`, "POST", {}, body);
    return new KeystoneAdmin(authUrl, response.headers.get("X-Subject-Token") ?? "");
  }

  async send(method: "POST" | "PUT" | "PATCH", path: string, body?: unknown): Promise<unknown> {
    const response = await post(`${this.#authUrl}${path}`, method, { "X-Auth-Token": this.#token }, body);
    const text = await response.text();
    return text === "" ? undefined : JSON.parse(text);
  }

  async idOfRole(name: string): Promise<string> {
    const response = await fetch(`${this.#authUrl}/roles`, { headers: { "X-Auth-Token": this.#token } });
    const role = roles.parse(await response.json()).roles.find((each) => each.name === name);
    if (role === undefined) throw new Error(`Keystone has no role ${name}`);
    return role.id;
  }
}

/** What an answer says was created. */
export function createdIn(answer: unknown, kind: string): { readonly id: string } {
  const created = made.parse(answer)[kind];
  if (created === undefined) throw new Error(`the answer names no ${kind}: ${JSON.stringify(answer)}`);
  return created;
}

async function post(url: string, method: string, headers: Record<string, string>, body: unknown): Promise<Response> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, "Content-Type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${url}: ${response.status} ${await response.text()}`);
  return response;
}
