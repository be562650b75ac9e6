/** A user's proof: files of a client certificate, or a bearer token. */
export type Proof =
  | { readonly kind: "certificate"; readonly certificateFile: string; readonly keyFile: string }
  | { readonly kind: "token"; readonly token: string };

/** The text of a kubeconfig with one cluster, one user and one context. */
export function kubeconfigText(server: string, caFile: string, user: string, proof: Proof, namespace?: string): string {
  const credentials =
    proof.kind === "token"
      ? { token: proof.token }
      : { "client-certificate": proof.certificateFile, "client-key": proof.keyFile };
  const context = { cluster: "testbed", user, ...(namespace === undefined ? {} : { namespace }) };
  // JSON is YAML, too.
  return `${JSON.stringify(
    {
      apiVersion: "v1",
      kind: "Config",
      clusters: [{ name: "testbed", cluster: { server, "certificate-authority": caFile } }],
      users: [{ name: user, user: credentials }],
      contexts: [{ name: "testbed", context }],
      "current-context": "testbed",
    },
    undefined,
    2,
  )}\n`;
}
