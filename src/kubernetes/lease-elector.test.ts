import { describe, expect, it } from "vitest";
import { FakeTiming, settle } from "../../test/support/kubernetes/fake-timing.ts";
import { RecordingLogger } from "../../test/support/kubernetes/recording-logger.ts";
import { microTime } from "./election/lease.ts";
import { KubeApiError, type KubeErrorCode } from "./http/api-error.ts";
import type { ApiRequest, ApiTransport } from "./http/api-transport.ts";
import { LeaseElector } from "./lease-elector.ts";

interface StoredLease {
  readonly metadata: { readonly resourceVersion: string };
  readonly spec: Readonly<Record<string, unknown>>;
}

/** One Lease on a server with optimistic locking, that can be cut off or made to hang. */
class LeaseServer implements ApiTransport {
  lease: StoredLease | undefined;
  trouble: "none" | "refuses" | "hangs" = "none";
  readonly seen: string[] = [];
  /** What another does right before the next PUT arrives. */
  beforeNextPut: (() => void) | undefined;
  #version = 0;

  async request(request: ApiRequest): Promise<unknown> {
    this.seen.push(request.method);
    if (this.trouble === "refuses") throw failure("ConnectionRefused");
    if (this.trouble === "hangs") await hang(request.signal);
    switch (request.method) {
      case "GET":
        if (this.lease === undefined) throw failure("NotFound");
        return this.lease;
      case "POST":
        if (this.lease !== undefined) throw failure("AlreadyExists");
        return this.#store(request.body);
      default:
        this.beforeNextPut?.();
        this.beforeNextPut = undefined;
        if (versionOf(request.body) !== this.lease?.metadata.resourceVersion) throw failure("Conflict");
        return this.#store(request.body);
    }
  }

  stream(): Promise<never> {
    return Promise.reject(new Error("no watches here"));
  }

  /** What another process writes, or `undefined` for a deletion. */
  set(spec: Readonly<Record<string, unknown>> | undefined): void {
    this.#version += 1;
    this.lease = spec === undefined ? undefined : { metadata: { resourceVersion: String(this.#version) }, spec };
  }

  get holder(): unknown {
    const { holderIdentity } = this.lease?.spec ?? {};
    return holderIdentity;
  }

  #store(body: unknown): StoredLease {
    const { spec } = body as StoredLease;
    this.set(spec);
    return this.lease as StoredLease;
  }
}

function versionOf(body: unknown): string {
  return (body as StoredLease).metadata.resourceVersion;
}

function failure(code: KubeErrorCode): KubeApiError {
  return new KubeApiError({ code, httpStatus: 0, message: code });
}

function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));
}

function start(server: LeaseServer, timing: FakeTiming, identity: string) {
  const stop = new AbortController();
  const log = new RecordingLogger();
  const elector = new LeaseElector({ transport: server, namespace: "ns", name: "lock", identity, timing, log });
  return { elector, stop, log, run: elector.run(stop.signal) };
}

const forever = new AbortController().signal;

describe("taking the lease", () => {
  it("creates it, with six fractional digits in its times", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await a.elector.whenLeading(forever);
    expect(server.lease?.spec).toEqual({
      holderIdentity: "a",
      leaseDurationSeconds: 15,
      leaseTransitions: 0,
      acquireTime: "2026-01-02T03:04:05.000000Z",
      renewTime: "2026-01-02T03:04:05.000000Z",
    });
    expect(a.elector.isLeader).toBe(true);
  });

  it("leaves one alone that is renewed, for ever", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await settle();
    const b = start(server, timing, "b");
    await timing.advance(600_000);
    expect([a.elector.isLeader, b.elector.isLeader]).toEqual([true, false]);
    expect(a.elector.lost.aborted).toBe(false);
  });

  it("takes over within 20 s of the holder's death, and never before its 15 s", async () => {
    for (const random of [0, 0.5, 0.999]) {
      const [server, timing] = [new LeaseServer(), new FakeTiming(() => random)];
      const a = start(server, timing, "a");
      await settle();
      const b = start(server, timing, "b");
      await timing.advance(60_000 + random * 1_999);
      const diedMs = timing.monotonicNow();
      a.stop.abort(new Error("killed"));
      while (!b.elector.isLeader) await timing.advance(50);
      const tookMs = timing.monotonicNow() - diedMs;
      expect(tookMs).toBeGreaterThan(13_000);
      expect(tookMs).toBeLessThan(19_000);
      expect(server.lease?.spec).toMatchObject({ holderIdentity: "b", leaseTransitions: 1 });
    }
  });

  it("judges by what it saw and not by the holder's clock", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const spec = { holderIdentity: "x", leaseDurationSeconds: 15, renewTime: "1999-01-01T00:00:00.000000Z" };
    server.set(spec);
    const a = start(server, timing, "a");
    await timing.advance(14_000);
    expect(a.elector.isLeader).toBe(false);
    server.set({ ...spec, renewTime: "1999-01-01T00:00:01.000000Z" });
    await timing.advance(14_000);
    expect(a.elector.isLeader).toBe(false);
    await timing.advance(6_000);
    expect(a.elector.isLeader).toBe(true);
  });

  it("takes only what the holder writes for a sign of life", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const spec = { holderIdentity: "dead", leaseDurationSeconds: 15 };
    server.set(spec);
    const a = start(server, timing, "a");
    for (let n = 0; n < 4; n++) {
      await timing.advance(5_000);
      // Someone puts a label on it: another version, the same spec.
      if (server.holder === "dead") server.set(spec);
    }
    expect(a.elector.isLeader).toBe(true);
  });

  it("waits as long as the holder's own duration says", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    server.set({ holderIdentity: "x", leaseDurationSeconds: 60 });
    const a = start(server, timing, "a");
    await timing.advance(59_000);
    expect(a.elector.isLeader).toBe(false);
    await timing.advance(2_000);
    expect(a.elector.isLeader).toBe(true);
  });

  it("takes at once what was released, and what nobody holds", async () => {
    for (const holderIdentity of ["", null]) {
      const [server, timing] = [new LeaseServer(), new FakeTiming()];
      server.set({ holderIdentity, leaseDurationSeconds: 1 });
      const a = start(server, timing, "a");
      await settle();
      expect(a.elector.isLeader).toBe(true);
    }
  });

  it("goes on asking while the server cannot be reached", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    server.trouble = "refuses";
    const a = start(server, timing, "a");
    await timing.advance(60_000);
    server.trouble = "hangs";
    await timing.advance(60_000);
    server.trouble = "none";
    await timing.advance(13_000);
    expect(a.elector.isLeader).toBe(true);
  });

  it("of many candidates one leads", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const all = ["a", "b", "c", "d"].map((identity) => start(server, timing, identity));
    await timing.advance(120_000);
    expect(all.filter(({ elector }) => elector.isLeader).length).toBe(1);
  });
});

describe("keeping it", () => {
  it("costs one write each two seconds and no reads", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    start(server, timing, "a");
    await settle();
    server.seen.length = 0;
    await timing.advance(20_000);
    expect(server.seen).toEqual(Array.from({ length: 10 }, () => "PUT"));
  });

  it("survives a label that someone else adds", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await settle();
    server.set(server.lease?.spec);
    await timing.advance(60_000);
    expect(a.elector.lost.aborted).toBe(false);
    expect(a.elector.isLeader).toBe(true);
  });

  it("survives a deletion", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await settle();
    server.set(undefined);
    await timing.advance(2_000);
    expect([a.elector.isLeader, server.holder]).toEqual([true, "a"]);
  });

  it.each(["refuses", "hangs"] as const)("ends 10 s after the last renewal when the server %s", async (trouble) => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await timing.advance(6_000);
    server.trouble = trouble;
    await timing.advance(9_999);
    expect([a.elector.isLeader, a.elector.lost.aborted]).toEqual([true, false]);
    await timing.advance(1);
    expect([a.elector.isLeader, a.elector.lost.aborted]).toEqual([false, true]);
    expect(a.elector.lost.reason).toMatchObject({ code: "LeaseLost" });
    await a.run;
  });

  it.each(["refuses", "hangs"] as const)("does not end when the server %s for a moment", async (trouble) => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await timing.advance(6_000);
    server.trouble = trouble;
    await timing.advance(2_500);
    server.trouble = "none";
    await timing.advance(4_500);
    expect(a.elector.lost.aborted).toBe(false);
    await timing.advance(60_000);
    expect([a.elector.isLeader, a.elector.lost.aborted]).toEqual([true, false]);
  });

  it("ends at once when another has it", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await timing.advance(6_000);
    server.set({ holderIdentity: "thief", leaseDurationSeconds: 15 });
    await timing.advance(2_000);
    expect(a.elector.lost.aborted).toBe(true);
    expect(server.holder).toBe("thief");
  });

  it("is not believed after a sleep, and not renewed either", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await timing.advance(6_000);
    timing.jump(16_000);
    expect(a.elector.isLeader).toBe(false);
    await timing.advance(0);
    expect(a.elector.lost.aborted).toBe(true);
  });

  it("is healthy unless even the loss goes unnoticed", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    expect(a.elector.isHealthy()).toBe(true);
    await timing.advance(6_000);
    timing.jump(34_000);
    expect(a.elector.isHealthy()).toBe(true);
    timing.jump(2_000);
    expect(a.elector.isHealthy()).toBe(false);
  });
});

describe("giving it up", () => {
  it("lets another lead within a period", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await settle();
    const b = start(server, timing, "b");
    await timing.advance(30_000);
    await a.elector.release(forever);
    await a.run;
    expect([server.holder, a.elector.isLeader, a.elector.lost.aborted]).toEqual(["", false, false]);
    await timing.advance(3_000);
    expect(b.elector.isLeader).toBe(true);
  });

  it("tries once more when its own last renewal came between", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await settle();
    server.beforeNextPut = () => server.set(server.lease?.spec);
    await a.elector.release(forever);
    expect(server.holder).toBe("");
  });

  it("of a candidate writes nothing", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    server.set({ holderIdentity: "x", leaseDurationSeconds: 15 });
    const a = start(server, timing, "a");
    await settle();
    server.seen.length = 0;
    await a.elector.release(forever);
    await a.run;
    expect(server.seen).toEqual([]);
  });

  it("does not fail when the server is away", async () => {
    const [server, timing] = [new LeaseServer(), new FakeTiming()];
    const a = start(server, timing, "a");
    await settle();
    server.trouble = "hangs";
    const released = a.elector.release(forever);
    await timing.advance(10_000);
    await released;
    expect(a.log.lines.at(-1)).toBe("warn lease could not be released and will expire");
  });
});

it("writes times with six fractional digits", () => {
  expect(microTime(Date.UTC(2026, 10, 24, 1, 2, 3, 45))).toBe("2026-11-24T01:02:03.045000Z");
});
