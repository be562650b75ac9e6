import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import { POLICY } from "../../support/policy.ts";

/** A policy for tests of discovery; only the client, the proxy and the plugin matter to them. */
export function policyOf(client: string, proxyServer: string): ClientPolicy {
  return { ...POLICY, client, proxyServer };
}
