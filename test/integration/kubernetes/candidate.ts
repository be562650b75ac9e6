import { LeaseElector } from "../../../src/kubernetes/lease-elector.ts";
import { systemTiming } from "../../../src/kubernetes/time/timing.ts";
import { connect } from "../../support/kubernetes/connect.ts";

// A candidate for a lease in a process of its own, so that it can be killed. Says on stdout what becomes of it.
const [kubeconfig = "", namespace = "", identity = ""] = process.argv.slice(2);
const say = (word: string): void => {
  process.stdout.write(`${word}\n`);
};

const { transport, log } = await connect(kubeconfig);
const elector = new LeaseElector({ transport, namespace, name: "lock", identity, timing: systemTiming, log });
elector.lost.addEventListener("abort", () => {
  say("lost");
  process.exit(1);
});
process.once("SIGTERM", () => {
  void elector.release(AbortSignal.timeout(5_000)).then(() => {
    say("released");
    process.exit(0);
  });
});
void elector.run(new AbortController().signal);
say("candidate");
await elector.whenLeading(new AbortController().signal);
say("leading");
