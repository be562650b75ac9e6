import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClientLine, parseClientsConf } from "./clients-conf.ts";

const FILE = "/etc/clients.conf";
const linesOf = (text: string) => {
  const conf = parseClientsConf(text, FILE);
  return conf.kind === "ok" ? conf.lines : conf.problems;
};
const problemsOf = (text: string) => {
  const conf = parseClientsConf(text, FILE);
  return conf.kind === "invalid" ? conf.problems : [];
};

describe("clients.conf (white paper 4.3)", () => {
  it("is read as the white paper prints it", () => {
    const text = `
# datacenter  openstack  client                proxy_server          job_prefix       jobdefs
datacenter1  openstack1  bacula-dc1-os1-fd    dc1-os1-proxy        backup-dc1-os1-  LinuxVMJob
datacenter1  openstack2  bacula-dc1-os2-fd    dc1-os2-proxy        backup-dc1-os2-  WindowsVMJob
datacenter2  openstack1  bacula-dc2-os1-fd    dc2-os1-proxy        backup-dc2-os1-
`;
    expect(linesOf(text)).toEqual([
      {
        datacenter: "datacenter1",
        openstack: "openstack1",
        client: "bacula-dc1-os1-fd",
        proxyServer: "dc1-os1-proxy",
        jobPrefix: "backup-dc1-os1-",
        jobDefs: "LinuxVMJob",
        line: 3,
      },
      expect.objectContaining({ openstack: "openstack2", jobDefs: "WindowsVMJob", line: 4 }),
      expect.objectContaining({ datacenter: "datacenter2", jobDefs: undefined, line: 5 }),
    ]);
  });

  it("has blanks of any kind and number, comments, empty lines and DOS line ends", () => {
    const text = "\r\n \t dc1\tos1  fd\t\tproxy p-   # the first one, für alle\r\n   # dc2 os2\r\n#\r\n";
    expect(linesOf(text)).toEqual([
      {
        datacenter: "dc1",
        openstack: "os1",
        client: "fd",
        proxyServer: "proxy",
        jobPrefix: "p-",
        jobDefs: undefined,
        line: 2,
      },
    ]);
  });

  it("may be empty: the last client may have been taken out of it", () => {
    expect(parseClientsConf("# none yet\n", FILE)).toEqual({ kind: "ok", lines: [] });
  });

  it.each([
    ["too few fields", "dc1 os1 fd proxy", 'line 1: "dc1 os1 fd proxy" has 4 fields: a line has 5 or 6, datacenter'],
    ["too many fields", "dc1 os1 fd proxy p- A B", "has 7 fields: a line has 5 or 6"],
    ["a JobDefs that an editor wrapped", "LinuxVMJob", "has 1 field: a line has 5 or 6"],
    ["a folder that leaves BASE_DIR", ".. os1 fd proxy p-", 'datacenter is "..": it is up to 60'],
    ["a path", "dc1 os/1 fd proxy p-", 'openstack is "os/1": it is up to 60'],
    ["the state folder", ".bacula-openstack-sync os1 fd proxy p-", 'datacenter is ".bacula-openstack-sync"'],
    ["a file of BASE_DIR", "include.conf os1 fd proxy p-", 'datacenter is "include.conf": BASE_DIR has a file'],
    ["folders too long for a FileSet's name", `${"d".repeat(31)} ${"o".repeat(30)} fd proxy p-`, "at most 60"],
    ["a quote in a client", 'dc1 os1 f"d proxy p-', 'client is "f\\"d": it is up to 127'],
    ["a proxy with another plugin option", "dc1 os1 fd a=b p-", 'proxy_server is "a=b": it is up to 253'],
    ["a prefix that is too long", `dc1 os1 fd proxy ${"p".repeat(61)}`, `job_prefix is "${"p".repeat(61)}": it is`],
    ["a wrong JobDefs", "dc1 os1 fd proxy p- Job{Defs", 'jobdefs is "Job{Defs": it is up to 127'],
    ["a # inside a word", "dc1 os1 fd proxy p-#x", 'job_prefix is "p-#x"'],
    ["an umlaut", "dc1 os1 fd proxy bäckup-", 'job_prefix is "bäckup-" (with U+00E4, which is not ASCII): it is'],
    ["a blank that is none", "dc1\u00a0os1 fd proxy p- X", "datacenter is"],
    ["a control character", "dc1 os1 f\u0001d proxy p-", 'client is "f\\u0001d"'],
  ])("refuses %s", (_what, text, problem) => {
    const [first, ...more] = problemsOf(text);
    expect(first).toContain(`${FILE} line 1: `);
    expect(first).toContain(problem);
    expect(more).toEqual([]);
  });

  it("tells all faults at once, up to a number", () => {
    expect(problemsOf("a\ndc1 os1 fd proxy p-\n.. os1 f{d proxy p-\n")).toHaveLength(3);
    const problems = problemsOf("x y\n".repeat(100));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toBe("/etc/clients.conf has 80 more faults");
  });
});

describe("clients.conf with anything in it", () => {
  const word = fc.stringMatching(/^[A-Za-z0-9:_][A-Za-z0-9:._-]{0,20}$/u);
  const blanks = fc.stringMatching(/^[ \t]{1,3}$/u);
  const clients: fc.Arbitrary<Omit<ClientLine, "line">[]> = fc.array(
    fc.record({
      datacenter: word.filter((name) => name !== "HOLD" && name !== "include.conf"),
      openstack: word,
      client: word,
      proxyServer: word,
      jobPrefix: word,
      jobDefs: fc.option(word, { nil: undefined }),
    }),
    { maxLength: 5 },
  );

  it("gives back every line that was written by the rules, whatever its blanks", () => {
    fc.assert(
      fc.property(clients, blanks, (written, gap) => {
        const text = written.map(({ datacenter, openstack, client, proxyServer, jobPrefix, jobDefs }) =>
          [datacenter, openstack, client, proxyServer, jobPrefix, ...(jobDefs === undefined ? [] : [jobDefs])].join(
            gap,
          ),
        );
        expect(linesOf(text.join("\n"))).toEqual(written.map((line, index) => ({ ...line, line: index + 1 })));
      }),
    );
  });

  it("lets nothing through that may not be in a file, a command or a path", () => {
    const characters = ["a", "b", ".", " ", "\t", "\n", "#", "/", '"', "{", "}", "ä", "\0"];
    const texts = fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom(...characters) }));
    fc.assert(
      fc.property(texts, (text) => {
        const conf = parseClientsConf(text, FILE);
        const shown = conf.kind === "invalid" ? conf.problems : [];
        const used = conf.kind === "ok" ? conf.lines.map(({ line: _line, ...fields }) => fields) : [];
        expect(shown.filter((problem) => /[\p{Cc}\p{Zl}\p{Zp}]/u.test(problem))).toEqual([]);
        const words = used.flatMap((fields) => Object.values(fields).filter((value) => value !== undefined));
        expect(words.filter((word) => !/^[A-Za-z0-9:._-]+$/u.test(word))).toEqual([]);
      }),
    );
  });
});
