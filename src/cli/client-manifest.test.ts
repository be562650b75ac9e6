import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { toClientPolicy } from "../api/effective.ts";
import { openStackClientSpec } from "../api/open-stack-client.ts";
import type { ClientPolicy } from "../domain/client/client-policy.ts";
import { parseSettings } from "../settings/settings.ts";
import { clientManifest } from "./client-manifest.ts";

function policyOf(env: Readonly<Record<string, string>>): ClientPolicy {
  const parsed = parseSettings(env, "command line");
  if (parsed.kind === "invalid") throw new Error(parsed.problems.join("\n"));
  const identity = { datacenter: "DC1", openstack: "os_1", client: "a-fd", proxyServer: "p", jobPrefix: "b-" };
  return toClientPolicy(identity, parsed.settings);
}

describe("the OpenStackClient that takes a line of clients.conf over", () => {
  it("means the same policy to an operator with other settings", () => {
    const policy = policyOf({
      GRACE_DAYS: "3",
      JOBDEFS: "Gold",
      POOL: "",
      DEDUP_ALGO: "none",
      CLEANUP_AFTER_DAYS: "90",
    });
    const manifest = z.object({
      kind: z.string(),
      metadata: z.object({ name: z.string() }),
      spec: openStackClientSpec,
    });
    const { kind, metadata, spec } = manifest.parse(parse(clientManifest(policy)));
    expect({ kind, metadata }).toEqual({ kind: "OpenStackClient", metadata: { name: "dc1-os-1" } });
    const settings = parseSettings({ GRACE_DAYS: "14", STORAGE: "Elsewhere" }, "operator");
    if (settings.kind === "invalid") throw new Error("these settings are right");
    const taken = toClientPolicy(spec, settings.settings);
    expect(taken).toEqual({ ...policy, jobDefs: { name: "Gold", from: "Client" } });
  });
});
