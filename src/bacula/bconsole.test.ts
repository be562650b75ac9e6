import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { type ConsoleSettings, runConsole } from "./bconsole.ts";

/** A program that talks like bconsole, and misbehaves on request. */
const FAKE = `#!/bin/sh
echo "Connecting to Director 127.0.0.1:9101"
[ -f "$0.silent" ] && exec sleep 30
echo "1000 OK: 10002 fake-dir Version: 15.0.3 (25 March 2025)"
echo "Enter a period to cancel a command."
while IFS= read -r line; do
  echo "$line"
  case $line in
    end-of-answer-*) echo "$line: is an invalid command." ;;
    env) env | sort; ls -A "$HOME" | wc -l; touch "$HOME/.bconsole_history" ;;
    args) echo "$@" ;;
    bytes) printf 'n\\377\\303\\251\\nlast' ;;
    hang) exec sleep 30 ;;
    deaf) trap '' TERM; echo $$ > "$0.pid"; while :; do sleep 0.05; done ;;
    left) sleep 4 & wait ;;
    flood) exec yes ;;
    lines) seq 1 200000 ;;
    die) exit 0 ;;
    crash) echo oops >&2; exit 3 ;;
  esac
done
`;

let folder: string;
let settings: ConsoleSettings;
const never = new AbortController().signal;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "fake-bconsole-"));
  // The HOMEs of other sessions on this machine are no concern of these tests.
  vi.stubEnv("TMPDIR", folder);
  const bconsolePath = join(folder, "bconsole");
  await writeFile(bconsolePath, FAKE);
  await chmod(bconsolePath, 0o755);
  settings = { bconsolePath, timeoutMs: 10_000, maxBytes: 1_000_000 };
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const run = (commands: readonly string[], change: Partial<ConsoleSettings> = {}, signal = never) =>
  runConsole({ ...settings, ...change }, commands, { signal });

describe("rule 9: one bconsole session", () => {
  it("answers every command in order", async () => {
    expect(await run(["one", "bytes", "two"])).toEqual({ kind: "completed", answers: ["", "n\ufffdé\nlast", ""] });
  });

  it("gives bconsole an empty HOME of its own, LC_ALL=C, PATH and nothing else of ours", async () => {
    vi.stubEnv("PGPASSWORD", "secret-of-ours");
    const first = await run(["env"]);
    const second = await run(["env"]);
    vi.stubEnv("PGPASSWORD", undefined);
    const text = JSON.stringify([first, second]);
    expect(text).not.toContain("secret-of-ours");
    for (const session of [first, second]) {
      const lines = session.kind === "completed" ? (session.answers[0] ?? "").trimEnd().split("\n") : [];
      const names = lines.filter((line) => line.includes("=")).map((line) => line.replace(/=.*/, ""));
      // PWD and _ are the shell's own, which plays bconsole here.
      expect(names.filter((name) => !["PWD", "_", "OLDPWD", "SHLVL"].includes(name))).toEqual([
        "HOME",
        "LC_ALL",
        "PATH",
      ]);
      expect(lines).toContain("LC_ALL=C");
      expect(lines.at(-1)).toBe("0");
    }
    expect(await homes()).toEqual([]);
  });

  it("passes the configuration file by its absolute path", async () => {
    expect(await run(["args"], { bconsoleConf: "/etc/x.conf" })).toEqual({
      kind: "completed",
      answers: ["-c /etc/x.conf\n"],
    });
  });

  it("keeps only the wanted lines of a long answer, whatever the limit of bytes", async () => {
    const answer = await runConsole({ ...settings, maxBytes: 20_000 }, ["lines"], {
      signal: never,
      isWanted: (line) => line.endsWith("99999"),
    });
    expect(answer).toEqual({ kind: "completed", answers: ["99999\n199999\n"] });
  });

  it.each([
    ["TimedOut", "hang", { timeoutMs: 300 }],
    ["TimedOut", "left", { timeoutMs: 300 }],
    ["AnswerTooLarge", "flood", { maxBytes: 100_000 }],
    ["ConsoleFailed", "die", {}],
    ["ConsoleFailed", "crash", {}],
  ] as const)("ends in %s when bconsole plays %s", async (reason, command, change) => {
    const began = performance.now();
    expect(await run([command], change)).toMatchObject({ kind: "failed", reason, login: "granted" });
    expect(performance.now() - began).toBeLessThan(3_500);
    expect(await homes()).toEqual([]);
  });

  it("kills a bconsole that does not listen to SIGTERM", async () => {
    expect(await run(["deaf"], { timeoutMs: 300 })).toMatchObject({ kind: "failed", reason: "TimedOut" });
    const pid = Number(await readFile(`${settings.bconsolePath}.pid`, "utf8"));
    expect(() => process.kill(pid, 0)).toThrow("ESRCH");
  });

  it("takes a Director that lets nobody in for unreachable", async () => {
    await writeFile(`${settings.bconsolePath}.silent`, "");
    const answer = await run(["one"], { timeoutMs: 300 });
    await rm(`${settings.bconsolePath}.silent`);
    expect(answer).toMatchObject({ kind: "failed", reason: "DirectorUnreachable", login: "waited" });
  });

  it("rejects on abort, before and during the session", async () => {
    await expect(run(["one"], {}, AbortSignal.abort(new Error("stopped")))).rejects.toThrow("stopped");
    const abort = new AbortController();
    setTimeout(() => abort.abort(new Error("stopped")), 100);
    await expect(run(["hang"], {}, abort.signal)).rejects.toThrow("stopped");
    expect(await homes()).toEqual([]);
  });

  it("says what to set when there is no bconsole, by path or on PATH", async () => {
    for (const bconsolePath of [join(folder, "nosuch"), "no-such-bconsole", folder]) {
      expect(await run(["one"], { bconsolePath })).toMatchObject({
        kind: "failed",
        reason: "ConsoleFailed",
        detail: expect.stringMatching(/^bconsole not found: .*Set BCONSOLE/),
      });
    }
  });

  it("sends nothing at all when one command may not be sent", async () => {
    await expect(run(["one", "two\n@exec id"])).rejects.toThrow(
      expect.objectContaining({ code: "CONSOLE_COMMAND_NOT_ALLOWED" }),
    );
  });
});

async function homes(): Promise<readonly string[]> {
  const found = await readdir(folder);
  return found.filter((name) => name.startsWith("bacula-openstack-sync-home-"));
}
