import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** One GET as the bed's administrator, on a connection of its own. Rejects when nobody answers within 10 s. */
export async function getAsAdmin(certificates: string, url: string): Promise<Answer> {
  const [ca, cert, key] = await Promise.all(
    ["ca.crt", "admin.crt", "admin.key"].map((name) => readFile(join(certificates, name))),
  );
  return new Promise((resolve, reject) => {
    const call = request(url, { ca, cert, key, agent: false, timeout: 10_000 }, (response) => {
      text(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    call.once("timeout", () => call.destroy(new Error(`${url} did not answer within 10 s`)));
    call.once("error", reject);
    call.end();
  });
}

/** True when the URL answers 200; no answer is false. */
export async function isWell(certificates: string, url: string): Promise<boolean> {
  try {
    return (await getAsAdmin(certificates, url)).status === 200;
  } catch {
    return false;
  }
}
