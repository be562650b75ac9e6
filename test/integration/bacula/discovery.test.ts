import { type ChildProcess, spawn } from "node:child_process";
import { access, chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { type BaculaBed, startBaculaBed } from "../../../hack/testbed/bacula-bed.ts";
import { runConsole } from "../../../src/bacula/bconsole.ts";
import { createDirector } from "../../../src/bacula/director.ts";
import type { ClientPolicy } from "../../../src/domain/client/client-policy.ts";
import type { Discovery, DiscoveryFailure } from "../../../src/domain/discovery/discovery.ts";
import { parseAnswer } from "../../../src/domain/discovery/parse-answer.ts";
import { policyOf } from "./policy-of.ts";

const A = "11111111-1111-1111-1111-111111111111";
const B = "22222222-2222-2222-2222-222222222222";
const never = new AbortController().signal;
const MINUTE = 60_000;
const CLIENT = "bacula-dc1-os1-fd";

let bed: BaculaBed;
let settings: { bconsolePath: string; bconsoleConf: string; timeoutMs: number; maxBytes: number };

/** Clients whose address leads nowhere, beside those that the bed has. */
const LOST_CLIENTS = `Client {
  Name = unroutable-fd
  Address = 192.0.2.1
  Catalog = MyCatalog
  Password = "fdpw"
}
Client {
  Name = unresolved-fd
  Address = no-such-host.invalid
  Catalog = MyCatalog
  Password = "fdpw"
}
`;

/** They accept a connection and say nothing. */
const MUTE_CLIENTS = ["mute-fd", "mute-2-fd", "mute-3-fd", "mute-4-fd"];

beforeAll(async () => {
  bed = await startBaculaBed({ name: "bacula-discovery", clients: [CLIENT] });
  await bed.startMuteFd();
  await bed.addDirectorConf(LOST_CLIENTS);
  for (const name of MUTE_CLIENTS.slice(1)) {
    await bed.addDirectorConf(
      `Client {\n  Name = ${name}\n  Address = 127.0.0.1\n  FDPort = ${bed.ports.mute}\n  Catalog = MyCatalog\n  Password = "fdpw"\n}`,
    );
  }
  settings = {
    bconsolePath: bed.bconsolePath,
    bconsoleConf: bed.bconsoleConf,
    timeoutMs: 60_000,
    maxBytes: 64 * 1024 * 1024,
  };
  await bed.console("reload");
}, 300_000);

afterAll(() => bed?.wipe());

/** Asks as the product does, with a gate of its own. */
function listVms(change: Partial<ClientPolicy> = {}, console: Partial<typeof settings> = {}): Promise<Discovery> {
  return createDirector({ ...settings, ...console, clock: Date }).listVms(
    { ...policyOf(CLIENT, "p1"), ...change },
    never,
  );
}

function fleetOf(count: number): string {
  return Array.from({ length: count }, (_, at) => `server=vm-${at} uuid=${uuidAt(at)} tag=Gold\n`).join("");
}
function uuidAt(at: number): string {
  return `00000000-0000-4000-8000-${at.toString().padStart(12, "0")}`;
}

const plain = (uuid: string, name: string) => ({ uuid, name, wishes: { kind: "read", optedOut: false } });

describe("a fleet through the real Director", () => {
  it.each([
    ["in one message", ""],
    ["a message a line", "#lines\n"],
  ])("is listed when it comes %s, with and without a last newline", async (_, mode) => {
    const records = `server=web 01 = "x" uuid=${A} tag=Gold\nserver=Grüße 机 uuid=${B} backup=False`;
    for (const end of ["\n", ""]) {
      await bed.fleet("p1", `${mode}${records}${end}`);
      expect(await listVms()).toEqual({
        kind: "listed",
        looksLikePageLimit: false,
        vms: [
          { uuid: A, name: 'web 01 = "x"', wishes: { kind: "read", jobDefsTag: "Gold", optedOut: false } },
          { uuid: B, name: "Grüße 机", wishes: { kind: "read", optedOut: true } },
        ],
      });
    }
  });

  it.each([
    ["one token a line", `server=a\nuuid=${A}\nserver=b\nuuid=${B}\n`],
    ["a list block", `server: [\nserver=a\nuuid=${A}]\nserver: [\nserver=b\nuuid=${B}\n]\n`],
    ["other keys", `id=1 server=a uuid=${A} project=alpha status=ACTIVE\nid=2 server=b uuid=${B}\n`],
  ])("is listed in the form of %s", async (_, text) => {
    await bed.fleet("p1", text);
    expect(await listVms()).toMatchObject({ kind: "listed", vms: [plain(A, "a"), plain(B, "b")] });
  });

  it("is listed whatever a tenant calls a VM, and the other VM keeps its wishes or they are not believed", async () => {
    for (const name of [
      "error=plugin not found",
      "[DE0029] x",
      "You have messages.",
      "x backup=false",
      "\u0001%s\\n'",
      "@exec id",
      ".clients",
    ]) {
      await bed.fleet("p1", `server=${name} uuid=${A}\nserver=b uuid=${B} tag=Silver\n`);
      expect(await listVms()).toMatchObject({
        kind: "listed",
        vms: [{ uuid: A }, { uuid: B, wishes: { kind: "read", jobDefsTag: "Silver" } }],
      });
    }
    await bed.fleet("p1", `server=x uuid=${B} uuid=${A} backup=false\nserver=b uuid=${B} tag=Silver\n`);
    expect(await listVms()).toMatchObject({
      kind: "listed",
      vms: [
        { uuid: B, wishes: { kind: "ambiguous" } },
        { uuid: A, wishes: { kind: "ambiguous" } },
      ],
    });
  });

  it("of 5,000 VMs comes in one message, of 20,000 a message a line", async () => {
    await bed.fleet("p1", fleetOf(5_000));
    expect(await listVms()).toMatchObject({ kind: "listed", vms: { length: 5_000 } });
    await bed.fleet("p1", `#lines\n${fleetOf(20_000)}`);
    expect(await listVms()).toMatchObject({ kind: "listed", vms: { length: 20_000 } });
  });

  it("is listed by the restricted Console too", async () => {
    await bed.fleet("p1", `server=a uuid=${A}`);
    expect(await listVms({}, { bconsoleConf: bed.restrictedBconsoleConf })).toMatchObject({
      kind: "listed",
      vms: [plain(A, "a")],
    });
  });
});

describe("the File Daemon or its plugin fails, and bconsole exits 0", () => {
  it.each<readonly [string, string, DiscoveryFailure, string]>([
    ["the plugin's error", "#error\n", "PluginError", "error=plugin protocol error"],
    ["the plugin's fatal text", "#fatal boom: no token\n", "PluginError", "boom: no token error=plugin protocol error"],
    ["an empty answer", "", "EmptyAnswer", "empty"],
    ["a message over 1,000,000 bytes", fleetOf(20_000), "EmptyAnswer", "too large"],
    ["a text that is no record", "Keystone is down\n", "UnreadableAnswer", "Keystone is down"],
    [
      "the records of another plugin",
      `id=${A} name=web01 project=alpha status=ACTIVE\n`,
      "UnreadableAnswer",
      "line 1 has no uuid=",
    ],
    ["a bad uuid", "server=a uuid=1\n", "UnreadableAnswer", "line 1 has no well-formed uuid"],
    ["a record among errors", `#lines\nserver=a uuid=${A}\nerror=x\n`, "PluginError", "error=x"],
  ])("on %s", async (_, text, reason, detail) => {
    await bed.fleet("p1", text);
    expect(await listVms()).toEqual({ kind: "failed", reason, detail: expect.stringContaining(detail) });
  });

  it("on a proxy that the plugin does not know", async () => {
    expect(await listVms({ proxyServer: "nosuch" })).toMatchObject({ kind: "failed", reason: "PluginError" });
  });

  it("on a plugin that is not loaded", async () => {
    const plugin = { name: "nosuch", selector: "instance", options: "" };
    expect(await listVms({ plugin })).toEqual({
      kind: "failed",
      reason: "PluginError",
      detail: "error=plugin not found",
    });
  });

  it("on a File Daemon without any plugin, which answers nothing", async () => {
    await bed.fleet("p1", fleetOf(3));
    await bed.restartFd({ plugins: false });
    const discovery = await listVms();
    await bed.restartFd();
    expect(discovery).toMatchObject({ kind: "failed", reason: "EmptyAnswer" });
    expect(await listVms()).toMatchObject({ kind: "listed" });
  });

  it("and an empty answer is a listing only where the client allows it", async () => {
    await bed.fleet("p1", "");
    expect(await listVms({ allowEmpty: true })).toEqual({ kind: "listed", vms: [], looksLikePageLimit: false });
  });
});

// At once, since each takes the Director's fixed 15 s.
describe.concurrent("the Director cannot reach the File Daemon, and bconsole exits 0", () => {
  it.each<readonly [string, DiscoveryFailure, RegExp]>([
    ["nosuch-fd", "ClientUnknown", /nosuch-fd/],
    ["down-fd", "ClientUnreachable", /DE0029.*down-fd/],
    ["unroutable-fd", "ClientUnreachable", /DE0029.*unroutable-fd/],
    ["unresolved-fd", "ClientUnreachable", /no-such-host\.invalid/],
    ["wrongpw-fd", "ClientUnreachable", /passwords/],
  ])(
    "%s is %s",
    async (client, reason, detail) => {
      expect(await listVms({ client })).toEqual({ kind: "failed", reason, detail: expect.stringMatching(detail) });
    },
    60_000,
  );
});

describe("malformed queries, which the product never sends", () => {
  it.each<readonly [string, DiscoveryFailure]>([
    [`.query client="${CLIENT}" parameter=server`, "EmptyAnswer"],
    ['.query plugin="openstack: proxy_server=p1" parameter=server', "PluginError"],
    [`.query plugin="openstack: proxy_server=p1" client="${CLIENT}"`, "PluginError"],
    ["nosuchcommand", "UnreadableAnswer"],
  ])("%s is %s", async (command, reason) => {
    const run = await runConsole(settings, [command], { signal: never });
    expect(run.kind).toBe("completed");
    const answer = run.kind === "completed" ? (run.answers[0] ?? "") : "";
    expect(parseAnswer(answer, { allowEmpty: false })).toMatchObject({ kind: "failed", reason });
  });

  it("no command at all is no answer at all", async () => {
    expect(await runConsole(settings, [], { signal: never })).toEqual({ kind: "completed", answers: [] });
  });
});

describe("bconsole cannot begin", () => {
  const conf = async (name: string, port: number, password: string) => {
    const path = join(bed.baseDir, `${name}.bconsole`);
    await writeFile(
      path,
      `Director { Name = test-dir; DIRport = ${port}; address = 127.0.0.1; Password = "${password}" }\n`,
    );
    return path;
  };

  it("because no Director listens", async () => {
    expect(await listVms({}, { bconsoleConf: await conf("closed", 1, "x") })).toEqual({
      kind: "failed",
      reason: "DirectorUnreachable",
      detail: expect.stringMatching(/CE0019.*Connection refused/),
    });
  }, 60_000);

  it("because its password is wrong", async () => {
    expect(await listVms({}, { bconsoleConf: await conf("wrong", bed.ports.director, "wrong") })).toEqual({
      kind: "failed",
      reason: "DirectorUnreachable",
      detail: expect.stringMatching(/name or password/),
    });
  }, 60_000);

  it("because its configuration is missing", async () => {
    expect(await listVms({}, { bconsoleConf: "/nonexistent/bconsole.conf" })).toEqual({
      kind: "failed",
      reason: "ConsoleFailed",
      detail: expect.stringMatching(/set B_CONSOLE_CONF.*\/nonexistent\/bconsole\.conf/),
    });
  });

  it("because it is not there", async () => {
    expect(await listVms({}, { bconsolePath: "/nonexistent/bconsole" })).toMatchObject({
      kind: "failed",
      reason: "ConsoleFailed",
      detail: expect.stringMatching(/bconsole not found.*BCONSOLE/),
    });
  });
});

describe("rule 9: a .query that does not end", () => {
  it("is killed, and the client is left alone for 15 minutes while others are asked", async () => {
    const clock = { at: Date.now(), now: () => clock.at };
    const director = createDirector({ ...settings, timeoutMs: 3_000, clock });
    const ask = (client: string) => director.listVms(policyOf(client, "p1"), never);
    await bed.fleet("p1", `server=a uuid=${A}\n`);

    expect(await ask("mute-fd")).toMatchObject({
      kind: "failed",
      reason: "TimedOut",
      detail: expect.stringMatching(/killed/),
    });
    clock.at += 15 * MINUTE - 1;
    expect(await ask("mute-fd")).toMatchObject({
      kind: "failed",
      reason: "TimedOut",
      detail: expect.stringMatching(/^not asked/),
    });
    expect(await ask(CLIENT)).toMatchObject({ kind: "listed" });
    clock.at += 1;
    expect(await ask("mute-fd")).toMatchObject({
      kind: "failed",
      reason: "TimedOut",
      detail: expect.stringMatching(/killed/),
    });
    clock.at += 30 * MINUTE - 1;
    expect(await ask("mute-fd")).toMatchObject({ detail: expect.stringMatching(/^not asked/) });
  }, 30_000);

  it("is killed in a plugin that sleeps too, and ends early by the signal", async () => {
    await bed.fleet("slow", `#sleep 5\nserver=a uuid=${A}\n`);
    expect(await listVms({ proxyServer: "slow" }, { timeoutMs: 2_000 })).toMatchObject({
      kind: "failed",
      reason: "TimedOut",
    });
    const director = createDirector({ ...settings, clock: Date });
    const listing = director.listVms(policyOf(CLIENT, "slow"), AbortSignal.timeout(500));
    await expect(listing).rejects.toThrow(/timeout/i);
  }, 30_000);

  it("is killed when the File Daemon stops in the middle of a session", async () => {
    await bed.pauseFd();
    const discovery = await listVms({}, { timeoutMs: 2_000 });
    await bed.resumeFd();
    expect(discovery).toMatchObject({ kind: "failed", reason: "TimedOut" });
  }, 30_000);

  it("and one that prints too much is killed at the limit", async () => {
    await bed.fleet("p1", `#lines\n${fleetOf(20_000)}`);
    expect(await listVms({}, { maxBytes: 100_000 })).toMatchObject({ kind: "failed", reason: "AnswerTooLarge" });
  });
});

describe("rule 9: few free consoles", () => {
  const open: ChildProcess[] = [];
  /** Has as many consoles open as that; each is a bconsole that was let in and waits for a command. */
  async function holdConsoles(count: number): Promise<void> {
    for (const bconsole of open.splice(count)) bconsole.kill();
    while (open.length < count) await openConsole();
  }
  // Queries that hang since tests before this one hold consoles, too.
  beforeEach(() => bed.restartDirector());
  afterEach(() => holdConsoles(0));

  it("pause discovery until there are more, also when nobody is let in any more", async () => {
    const clock = { at: Date.now(), now: () => clock.at };
    const director = createDirector({ ...settings, timeoutMs: 4_000, clock });
    const list = () => director.listVms(policyOf(CLIENT, "p1"), never);
    const few = { kind: "failed", reason: "DirectorConsolesLow", detail: expect.stringMatching(/^not asked: fewer/) };
    await bed.fleet("p1", `server=a uuid=${A}\n`);

    await holdConsoles(8);
    expect(await list()).toMatchObject({ kind: "listed" });
    await holdConsoles(14);
    clock.at += MINUTE;
    expect(await list()).toMatchObject({ kind: "listed" });
    expect(await list()).toEqual(few);
    await holdConsoles(20);
    clock.at += MINUTE;
    expect(await list()).toEqual(few);
    await holdConsoles(0);
    expect(await list()).toEqual(few);
    await vi.waitFor(
      async () => {
        clock.at += 5 * MINUTE;
        expect(await list()).toMatchObject({ kind: "listed" });
      },
      { timeout: 20_000 },
    );
  }, 120_000);

  it("are counted together with our own that hang in a query, which the Director does not show", async () => {
    const clock = { at: Date.now(), now: () => clock.at };
    const director = createDirector({ ...settings, timeoutMs: 4_000, clock });
    const list = (client: string) => director.listVms(policyOf(client, "p1"), never);
    await bed.fleet("p1", `server=a uuid=${A}\n`);
    await holdConsoles(8);
    expect(await list(CLIENT)).toMatchObject({ kind: "listed" });
    expect(await list(CLIENT)).toMatchObject({ kind: "listed" });
    for (const discovery of await Promise.all(MUTE_CLIENTS.map(list)))
      expect(discovery).toMatchObject({ kind: "failed", reason: "TimedOut" });
    expect(await list(CLIENT)).toMatchObject({ kind: "failed", reason: "DirectorConsolesLow" });
    clock.at += 15 * MINUTE;
    expect(await list(CLIENT)).toMatchObject({ kind: "listed" });
  }, 120_000);

  function openConsole(): Promise<void> {
    const bconsole = spawn(settings.bconsolePath, ["-c", settings.bconsoleConf], {
      env: { HOME: bed.dir, LC_ALL: "C", PATH: "/usr/bin:/bin" },
      stdio: ["pipe", "pipe", "inherit"],
    });
    open.push(bconsole);
    return new Promise((resolve, reject) => {
      let said = "";
      bconsole.stdout.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        if (said.includes("1000 OK")) resolve();
      });
      bconsole.once("exit", () => reject(new Error(`bconsole ended: ${said}`)));
    });
  }
});

describe("a File Daemon that is killed in the middle of its answer", () => {
  // Nothing in what bconsole prints tells this from a smaller fleet: whole lines, exit code 0, and the next commands are
  // answered. So a listing alone never makes a VM absent; the pass asks twice more (rule 1).
  it("leaves a shorter list that looks complete", async () => {
    const total = 400_000;
    await bed.fleet("p1", `#lines\n${fleetOf(total)}`);
    const folder = await mkdtemp(join(tmpdir(), "slow-reader-"));
    const listing = listVms({}, { bconsolePath: await slowReader(folder) });
    await vi.waitFor(() => access(join(folder, "reading")), { timeout: 20_000 });
    await bed.killFd();
    await writeFile(join(folder, "go-on"), "");
    const discovery = await listing;
    await bed.startFd();
    await rm(folder, { recursive: true });

    const seen = discovery.kind === "listed" ? discovery.vms : [];
    expect(discovery.kind).toBe("listed");
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.length).toBeLessThan(total);
    expect(seen.at(-1)?.uuid).toBe(uuidAt(seen.length - 1));
  }, 60_000);

  /** A bconsole that is read slowly: the pipes fill up, so that the File Daemon surely is in the middle of its answer. */
  async function slowReader(folder: string): Promise<string> {
    const path = join(folder, "bconsole");
    const wait = `: > ${folder}/reading; while [ ! -e ${folder}/go-on ]; do sleep 0.05; done`;
    await writeFile(path, `#!/bin/sh\n"${bed.bconsolePath}" "$@" | { head -c 1000000; ${wait}; cat; }\n`);
    await chmod(path, 0o755);
    return path;
  }
});
