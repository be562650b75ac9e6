import { copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type KubeBed, startKubeBed } from "../../../hack/testbed/kube-bed.ts";
import { findCluster } from "../../../src/kubernetes/auth.ts";
import { systemTiming } from "../../../src/kubernetes/time/timing.ts";
import { KubeTransport } from "../../../src/kubernetes/transport.ts";
import { connect } from "../../support/kubernetes/connect.ts";
import { RecordingLogger } from "../../support/kubernetes/recording-logger.ts";

const selfReview = {
  apiVersion: "authentication.k8s.io/v1",
  kind: "SelfSubjectReview",
};

let bed: KubeBed;
let folder = "";

beforeAll(async () => {
  bed = await startKubeBed({ name: "kubernetes-credentials" });
  await bed.kubectl(["create", "serviceaccount", "operator", "--namespace=default"]);
  folder = await mkdtemp(join(tmpdir(), "service-account-"));
});

afterAll(async () => {
  await bed?.wipe();
  await rm(folder, { recursive: true, force: true });
});

/** Who the API server takes us for. */
async function whoAmI(transport: KubeTransport): Promise<string> {
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const answer = await transport.request({
    method: "POST",
    path,
    body: selfReview,
    signal: AbortSignal.timeout(10_000),
  });
  return (answer as { status: { userInfo: { username: string } } }).status.userInfo.username;
}

describe("the API server takes us for", () => {
  it("the user of a client certificate", async () => {
    const { transport } = await connect(bed.kubeconfig);
    expect(await whoAmI(transport)).toBe("admin");
    await transport.close();
  });

  it("the account of a kubeconfig's token", async () => {
    const { transport, access } = await connect(await bed.serviceAccountKubeconfig("default", "operator"));
    expect(access.namespace).toBe("default");
    expect(await whoAmI(transport)).toBe("system:serviceaccount:default:operator");
    await transport.close();
  });

  it("the pod's account, also after its token was exchanged under us", async () => {
    await copyFile(bed.caFile, join(folder, "ca.crt"));
    await writeFile(join(folder, "namespace"), "default");
    await writeFile(join(folder, "token"), "not.a.token");
    const source = {
      serviceHost: "127.0.0.1",
      servicePort: String(bed.ports.api),
      serviceAccountFolder: folder,
    };
    const access = await findCluster(source, systemTiming, new RecordingLogger());
    const transport = new KubeTransport({ access, timing: systemTiming, userAgent: "test/1" });
    await expect(whoAmI(transport)).rejects.toMatchObject({ code: "Unauthorized", httpStatus: 401 });
    // No minute needs to pass: the 401 makes it read again.
    await writeFile(join(folder, "token"), `${await bed.serviceAccountToken("default", "operator")}\n`);
    expect(await whoAmI(transport)).toBe("system:serviceaccount:default:operator");
    await transport.close();
  });

  it("nobody, when the CA is not the server's", async () => {
    const { transport } = await connect(bed.kubeconfig);
    const { access } = await connect(bed.kubeconfig);
    const withoutCa = {
      ...access,
      credentials: {
        present: async (signal: AbortSignal) => {
          const present = await access.credentials.present(signal);
          return { ...present, tls: { ...present.tls, ca: undefined } };
        },
        renew: () => {},
      },
    };
    const distrusting = new KubeTransport({ access: withoutCa, timing: systemTiming, userAgent: "test/1" });
    await expect(whoAmI(distrusting)).rejects.toMatchObject({ code: "TlsFailed", httpStatus: 0 });
    await Promise.all([transport.close(), distrusting.close()]);
  });
});
