import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Discovery, DiscoveryFailure, LiveVm } from "./discovery.ts";
import { parseAnswer } from "./parse-answer.ts";

const A = "11111111-1111-1111-1111-111111111111";
const B = "22222222-2222-2222-2222-222222222222";
const C = "33333333-3333-3333-3333-333333333333";

const strict = { allowEmpty: false };
const plain = (uuid: string, name: string): LiveVm => ({
  uuid,
  name,
  wishes: { kind: "read", jobDefsTag: undefined, optedOut: false },
});
const tagged = (uuid: string, name: string, jobDefsTag: string): LiveVm => ({
  uuid,
  name,
  wishes: { kind: "read", jobDefsTag, optedOut: false },
});
const optedOut = (uuid: string, name: string): LiveVm => ({
  uuid,
  name,
  wishes: { kind: "read", jobDefsTag: undefined, optedOut: true },
});
const ambiguous = (uuid: string, name: string): LiveVm => ({ uuid, name, wishes: { kind: "ambiguous" } });
const listed = (...vms: readonly LiveVm[]): Discovery => ({ kind: "listed", vms, looksLikePageLimit: false });

function uuidsOf(discovery: Discovery): readonly string[] {
  return discovery.kind === "listed" ? discovery.vms.map((vm) => vm.uuid) : [];
}

describe("an answer that lists VMs", () => {
  it.each<readonly [string, string, Discovery]>([
    ["one VM a line", `server=web01 uuid=${A}\nserver=db01 uuid=${B}\n`, listed(plain(A, "web01"), plain(B, "db01"))],
    ["no newline at the end", `server=web01 uuid=${A}`, listed(plain(A, "web01"))],
    [
      "a tag and an opt-out",
      `server=a uuid=${A} tag=Gold\nserver=b uuid=${B} backup=false\n`,
      listed(tagged(A, "a", "Gold"), optedOut(B, "b")),
    ],
    [
      "one token a line",
      `server=a\nuuid=${A}\ntag=Gold\nserver=b\nuuid=${B}\n`,
      listed(tagged(A, "a", "Gold"), plain(B, "b")),
    ],
    [
      "one token a line, uuid first",
      `uuid=${A}\nserver=a\ntag=Gold\nuuid=${B}\nserver=b\n`,
      listed(tagged(A, "a", "Gold"), plain(B, "b")),
    ],
    [
      "a list block",
      `server: [\nserver=a\nuuid=${A}\ntag=Gold\n]\nserver: [\nserver=b\nuuid=${B}\n]\n`,
      listed(tagged(A, "a", "Gold"), plain(B, "b")),
    ],
    [
      "a list block with its bracket glued",
      `server: [\nserver=a\nuuid=${A}]\nserver: [\nuuid=${B}\nserver=b[1]]\n`,
      listed(plain(A, "a"), plain(B, "b[1]")),
    ],
    ["a bracket at the end of a value in a block", `server: [\nserver=a]\nuuid=${A}]\n`, listed(plain(A, "a]"))],
    [
      "lines that end in CR LF",
      `server=a uuid=${A}\r\nserver=b uuid=${B} backup=false\r\n`,
      listed(plain(A, "a"), optedOut(B, "b")),
    ],
    ["blank lines", `\nserver=a uuid=${A}\n\nserver=b uuid=${B}\n\n`, listed(plain(A, "a"), plain(B, "b"))],
    [
      "a uuid in capitals",
      `server=a uuid=ABCDEF00-1111-1111-1111-111111111111\n`,
      listed(plain("abcdef00-1111-1111-1111-111111111111", "a")),
    ],
    ["other keys behind", `server=a uuid=${A} project=alpha status=SHUTOFF tag=Gold\n`, listed(tagged(A, "a", "Gold"))],
    ["other keys before", `id=5 name=x project=alpha server=a uuid=${A}\n`, listed(plain(A, "a"))],
    ["OpenStack's own keys between", `server=a id=5 status=ACTIVE uuid=${A}\n`, listed(plain(A, "a"))],
    [
      "other keys on lines of their own",
      `id=5\nserver=a\nuuid=${A}\nstatus=ACTIVE\nid=6\nserver=b\nuuid=${B}\n`,
      listed(plain(A, "a"), plain(B, "b")),
    ],
    [
      "a name of blanks, =, quotes and a tab",
      `server=my "old" web env=prod it's\t\\%s uuid=${A}\n`,
      listed(plain(A, 'my "old" web env=prod it\'s\t\\%s')),
    ],
    ["a name in UTF-8 and with lost bytes", `server=Grüße \ufffd 机 uuid=${A}\n`, listed(plain(A, "Grüße \ufffd 机"))],
    ["a name with a control character", `server=a\u0001b uuid=${A}\n`, listed(plain(A, "a\u0001b"))],
    ["an empty name", `server= uuid=${A}\n`, listed(plain(A, ""))],
    ["an empty tag", `server=a uuid=${A} tag= backup=\n`, listed(plain(A, "a"))],
    ["a tag with a blank", `server=a uuid=${A} tag=Gold Plus backup=true\n`, listed(tagged(A, "a", "Gold Plus"))],
    ["an opt-out in any case, with blanks", `server=a uuid=${A} backup= FaLsE  \n`, listed(optedOut(A, "a"))],
    ["no opt-out by another word", `server=a uuid=${A} backup=no\n`, listed(plain(A, "a"))],
    ["two VMs of one name", `server=a uuid=${A}\nserver=a uuid=${B}\n`, listed(plain(A, "a"), plain(B, "a"))],
    [
      "a uuid twice with equal tokens",
      `server=a uuid=${A} tag=G\nserver=a uuid=${A} tag=G\n`,
      listed(tagged(A, "a", "G")),
    ],
    ["the notice on its own line", `server=a uuid=${A}\nYou have messages.\n`, listed(plain(A, "a"))],
    [
      "the notice glued to the last line",
      `server=a uuid=${A} tag=GoldYou have messages.\n`,
      listed(tagged(A, "a", "Gold")),
    ],
    ["the notice glued to the uuid", `server=a uuid=${A}You have messages.\n`, listed(plain(A, "a"))],
  ])("reads %s", (_, answer, expected) => {
    expect(parseAnswer(answer, strict)).toEqual(expected);
  });
});

describe("a record that can be read in two ways", () => {
  it.each<readonly [string, string, Discovery]>([
    [
      "two uuids on a line",
      `server=x uuid=${B} uuid=${A} tag=Gold\n`,
      listed(ambiguous(B, `x uuid=${B}`), ambiguous(A, `x uuid=${B}`)),
    ],
    [
      "two uuids on two lines",
      `server=x uuid=${B}\nuuid=${A}\ntag=Gold\n`,
      listed(ambiguous(B, "x"), ambiguous(A, "x")),
    ],
    ["its own uuid twice", `server=x uuid=${A} uuid=${A} tag=Gold\n`, listed(ambiguous(A, `x uuid=${A}`))],
    ["a bad uuid beside a good one", `server=x uuid=zzz uuid=${A}\n`, listed(ambiguous(A, "x uuid=zzz"))],
    ["a text behind the uuid", `server=x uuid=${A} and more tag=Gold\n`, listed(ambiguous(A, "x"))],
    ["a tag before the uuid", `server=x tag=Gold uuid=${A}\n`, listed(ambiguous(A, "x tag=Gold"))],
    ["an opt-out before the uuid", `server=x backup=false uuid=${A}\n`, listed(ambiguous(A, "x backup=false"))],
    ["a tag line before the uuid line", `server=x\ntag=Gold\nuuid=${A}\n`, listed(ambiguous(A, "x"))],
    ["a tag behind the name on one line", `uuid=${A} server=x tag=Gold\n`, listed(ambiguous(A, "x tag=Gold"))],
    ["two tags", `server=x uuid=${A} tag=Gold tag=Silver\n`, listed(ambiguous(A, "x"))],
    ["backup twice", `server=x uuid=${A} backup=false backup=true\n`, listed(ambiguous(A, "x"))],
    ["server twice", `server=x server=y uuid=${A} tag=Gold\n`, listed(ambiguous(A, "x server=y"))],
    ["an error of its own", `server=x uuid=${A} tag=Gold error=x\n`, listed(ambiguous(A, "x"))],
    ["a uuid twice with other tags", `server=x uuid=${A} tag=Gold\nserver=x uuid=${A}\n`, listed(ambiguous(A, "x"))],
    ["a uuid twice with other names", `server=x uuid=${A}\nserver=y uuid=${A}\n`, listed(ambiguous(A, "x"))],
  ])("shows its uuids and gives them no policy: %s", (_, answer, expected) => {
    expect(parseAnswer(answer, strict)).toEqual(expected);
  });

  it("takes the name of a VM from the record that is the VM's alone", () => {
    expect(parseAnswer(`server=x uuid=${B} uuid=${A}\nserver=b uuid=${B} tag=Gold\n`, strict)).toEqual(
      listed(ambiguous(B, "b"), ambiguous(A, `x uuid=${B}`)),
    );
  });
});

describe("an answer that lists nothing", () => {
  it.each<readonly [string, string, DiscoveryFailure]>([
    ["an empty answer", "", "EmptyAnswer"],
    ["only the notice", "You have messages.\n", "EmptyAnswer"],
    ["only blank lines", "\n \n", "EmptyAnswer"],
    ["the plugin's error", "error=plugin protocol error", "PluginError"],
    ["the plugin's error and the notice", "error=plugin protocol errorYou have messages.\n", "PluginError"],
    ["a fatal text of the plugin", " boom\nerror=plugin protocol error", "PluginError"],
    ["an absent plugin", "error=plugin not found", "PluginError"],
    ["an absent plugin and the notice", "error=plugin not foundYou have messages.\n", "PluginError"],
    ["an unknown client", 'error=Client "nosuch-fd" not found.\n', "ClientUnknown"],
    ["a missing client", "error=Client name missing.\n", "PluginError"],
    ["a missing parameter", "error=parameter missing.\n", "PluginError"],
    ["a client that the ACL hides", 'error=No authorization for Client "test-fd"\n', "NotAuthorized"],
    ["a Console without .query", ".query: is an invalid command.\n", "NotAuthorized"],
    [
      "an FD that is down",
      "[DE0029] Unable to connect to Client: down-fd on 127.0.0.1:19199. ERR=Connection refused\n",
      "ClientUnreachable",
    ],
    [
      "a host without a name",
      '[DE0060] gethostbyname() for host "no-such-host.invalid" failed: ERR=Name or service not known\n',
      "ClientUnreachable",
    ],
    [
      "a wrong FD password",
      "[DE0064] TLS Connect failure. Check the passwords. ERR=error:0A00041B:SSL routines::tlsv1 alert decrypt error \n",
      "ClientUnreachable",
    ],
    [
      "a Director that is down",
      "[CE0019] Unable to connect to Director daemon on 127.0.0.1:19190. ERR=Connection refused\n",
      "DirectorUnreachable",
    ],
    ["a reply of an FD that did not understand", "2992 Bad query command: x\n", "PluginError"],
    ["another text with ERR=", "Something failed: ERR=Broken pipe\n", "ClientUnreachable"],
    ["an unknown command", "nosuchcommand: is an invalid command.\n", "UnreadableAnswer"],
    ["records of another plugin", `id=${A} name=web01 project=alpha status=ACTIVE\n`, "UnreadableAnswer"],
    ["a text that is no record", "hello\n", "UnreadableAnswer"],
    ["a text among records", `server=a uuid=${A}\nhello\nserver=b uuid=${B}\n`, "UnreadableAnswer"],
    ["an error line behind records", `server=a uuid=${A}\nerror=plugin protocol error`, "PluginError"],
    ["an error glued to a tag", `server=a uuid=${A} tag=Golderror=plugin protocol error`, "PluginError"],
    ["an error glued to a uuid", `server=a uuid=${A}error=plugin not found`, "PluginError"],
    ["a bad uuid", "server=a uuid=1234\n", "UnreadableAnswer"],
    ["a uuid with a comma behind", `server=a uuid=${A},tag=Gold\n`, "UnreadableAnswer"],
    ["no uuid", "server=a\n", "UnreadableAnswer"],
    ["no name", `uuid=${A} tag=Gold\n`, "UnreadableAnswer"],
    ["a bad record among good ones", `server=a uuid=${A}\nserver=b uuid=\nserver=c uuid=${C}\n`, "UnreadableAnswer"],
    ["a block that does not close", `server: [\nserver=a\nuuid=${A}\n`, "UnreadableAnswer"],
    ["a line outside the blocks", `server: [\nserver=a\nuuid=${A}\n]\nserver=b uuid=${B}\n`, "UnreadableAnswer"],
    ["a block among lines", `server=b uuid=${B}\nserver: [\nserver=a\nuuid=${A}\n]\n`, "UnreadableAnswer"],
  ])("fails on %s", (_, answer, reason) => {
    expect(parseAnswer(answer, strict)).toMatchObject({ kind: "failed", reason });
  });

  it("is a listing of no VMs where the client allows that", () => {
    expect(parseAnswer("", { allowEmpty: true })).toEqual(listed());
    expect(parseAnswer("You have messages.\n", { allowEmpty: true })).toEqual(listed());
  });

  it("stays a failure with an error text where the client allows an empty answer", () => {
    expect(parseAnswer("error=plugin not found", { allowEmpty: true })).toMatchObject({ kind: "failed" });
  });

  it("tells the plugin's own words, and after which VM the answer went wrong", () => {
    expect(parseAnswer(" boom\nerror=plugin protocol error", strict)).toMatchObject({
      detail: "boom error=plugin protocol error",
    });
    expect(parseAnswer(`server=a uuid=${A}\nserver=x\n`, strict)).toMatchObject({
      detail: `line 2 has no uuid= (the record before it is of uuid ${A}): server=x`,
    });
  });

  it.each([
    "error=plugin protocol error",
    "error=plugin not found",
    'error=Client "nosuch-fd" not found.',
    "[DE0029] Unable to connect to Client: down-fd on 127.0.0.1:19199. ERR=Connection refused",
    "Director authorization problem.",
  ])("fails on every beginning of %j", (text) => {
    for (let length = 0; length <= text.length; length++) {
      expect(parseAnswer(text.slice(0, length), strict).kind).toBe("failed");
    }
  });
});

describe("an answer of exactly a page's length", () => {
  it.each([
    [499, false],
    [500, true],
    [501, false],
    [1_000, true],
    [2_000, true],
  ])("of %i records: %s", (count, looksLikePageLimit) => {
    const answer = Array.from({ length: count }, (_, at) => `server=v uuid=${uuidAt(at)}`).join("\n");
    expect(parseAnswer(answer, strict)).toMatchObject({ kind: "listed", looksLikePageLimit });
  });
});

/** What a tenant can write into a name or a tag to look like something else. */
const imitations = fc.oneof(
  fc.constantFrom(
    "x",
    "x y",
    `x uuid=${B}`,
    `x uuid=${B} tag=Gold`,
    `uuid=${B}`,
    "x uuid=zzz",
    "x backup=false",
    "x tag=Evil",
    "x server=b",
    "error=x",
    "error=plugin not found",
    "[DE0029] x",
    "[CE0019] x ERR=y",
    "You have messages.",
    "server: [",
    "]",
    "x]",
    `x\nserver=b uuid=${B} backup=false`,
    `x\nserver=b\nuuid=${B}\ntag=Evil`,
    `x\nuuid=${B}`,
    `x\nuuid=${B}\nserver=b\nbackup=false`,
    `x]\nserver: [\nserver=b\nuuid=${B}\ntag=Evil`,
    "x\ntag=Evil",
    "x\nserver=y",
    "x\nerror=plugin protocol error",
    "x\r",
  ),
  fc.string({
    unit: fc.constantFrom("x", " ", "=", "]", "[", "\n", "\t", "server=", "uuid=", "tag=", "backup=false", B, A),
  }),
  fc.string({ unit: "binary", maxLength: 20 }),
);

interface Vm {
  readonly uuid: string;
  readonly name: string;
  readonly tag?: string | undefined;
  readonly isOptedOut: boolean;
}

const shapes = {
  line: (vm: Vm) => `${tokens(vm).join(" ")}\n`,
  token: (vm: Vm) => `${tokens(vm).join("\n")}\n`,
  block: (vm: Vm) => `server: [\n${tokens(vm).join("\n")}\n]\n`,
  glued: (vm: Vm) => `server: [\n${tokens(vm).join("\n")}]\n`,
};
const shape = fc.constantFrom(shapes.line, shapes.token, shapes.block, shapes.glued);

function tokens(vm: Vm): readonly string[] {
  return [
    `server=${vm.name}`,
    `uuid=${vm.uuid}`,
    ...(vm.tag === undefined ? [] : [`tag=${vm.tag}`]),
    ...(vm.isOptedOut ? ["backup=false"] : []),
  ];
}

function uuidAt(at: number): string {
  return `00000000-0000-4000-8000-${at.toString().padStart(12, "0")}`;
}

describe("rule 1 and rule 8: whatever a tenant writes", () => {
  const honest: Vm = { uuid: B, name: "b", tag: "Silver", isOptedOut: false };
  const bystander: Vm = { uuid: C, name: "c", isOptedOut: false };
  const hostile = fc.record({
    uuid: fc.constant(A),
    name: imitations,
    tag: fc.option(imitations, { nil: undefined }),
    isOptedOut: fc.boolean(),
  });
  const fleet = hostile.chain((vm) => fc.shuffledSubarray([vm, honest, bystander], { minLength: 3 }));

  it("another VM keeps its wishes, or they are not believed; and no VM vanishes", () => {
    fc.assert(
      fc.property(fleet, shape, (vms, write) => {
        const discovery = parseAnswer(vms.map(write).join(""), strict);
        if (discovery.kind !== "listed") return;
        expect(uuidsOf(discovery)).toEqual(expect.arrayContaining([A, B, C]));
        const believed = discovery.vms.filter((vm) => vm.uuid !== A && vm.wishes.kind === "read");
        const honestly = [tagged(B, "b", "Silver"), plain(C, "c")];
        expect(honestly).toEqual(expect.arrayContaining(believed));
      }),
      { numRuns: 2_000 },
    );
  });

  it("a name or tag of one line does not stop the listing of the others, but where it ends the answer as an error does", () => {
    fc.assert(
      fc.property(fleet, (vms) => {
        const oneLine = vms.map((vm) => ({
          ...vm,
          name: vm.name.replace(/[\n]/g, ""),
          tag: vm.tag?.replace(/[\n]/g, ""),
        }));
        expect(uuidsOf(parseAnswer(oneLine.map(shapes.line).join(""), strict))).toEqual(
          expect.arrayContaining([A, B, C]),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it("never throws, and lists every uuid that stands as a token of its own", () => {
    const pieces = fc.constantFrom(
      `server=a uuid=${A}`,
      `server=b\nuuid=${B}`,
      `uuid=${C}`,
      "server: [",
      "]",
      "\n",
      " ",
      "tag=x",
      "backup=false",
      "error=plugin not found",
      "You have messages.",
      "[DE0029] x",
      "é\ufffd",
      "id=1",
      "\r\n",
      "=",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), fc.boolean(), (parts, allowEmpty) => {
        const answer = parts.join("");
        const discovery = parseAnswer(answer, { allowEmpty });
        if (discovery.kind !== "listed") return;
        const standing = [...answer.matchAll(/(?<=^|[ \t\n])uuid=([0-9a-f-]{36})(?=[ \t\r\n]|$)/g)].map(
          (found) => found[1],
        );
        expect(uuidsOf(discovery)).toEqual(expect.arrayContaining(standing));
      }),
      { numRuns: 2_000 },
    );
  });

  it("reads back what an honest plugin wrote, in every shape", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9 ._é机-]{0,18}[A-Za-z0-9]$/);
    const vm = fc.record({ name: word, tag: fc.option(word, { nil: undefined }), isOptedOut: fc.boolean() });
    fc.assert(
      fc.property(fc.array(vm, { minLength: 1, maxLength: 30 }), shape, (wanted, write) => {
        const vms = wanted.map((one, at) => ({ ...one, uuid: uuidAt(at) }));
        expect(parseAnswer(vms.map(write).join(""), strict)).toEqual(
          listed(
            ...vms.map(({ uuid, name, tag, isOptedOut }) => ({
              uuid,
              name,
              wishes: { kind: "read" as const, jobDefsTag: tag, optedOut: isOptedOut },
            })),
          ),
        );
      }),
    );
  });
});

/** Every state that Nova's API knows; rule 4: whatever state a VM is in, it is there. */
const NOVA_STATES =
  `ACTIVE BUILD DELETED ERROR HARD_REBOOT MIGRATING PASSWORD PAUSED REBOOT REBUILD RESCUE RESIZE REVERT_RESIZE
  SHELVED SHELVED_OFFLOADED SHUTOFF SOFT_DELETED SUSPENDED UNKNOWN VERIFY_RESIZE`.split(/\s+/);

describe("a VM in any Nova state", () => {
  it.each(NOVA_STATES)("%s is listed", (state) => {
    const before = parseAnswer(`server=a status=${state} uuid=${A}\n`, { allowEmpty: false });
    const behind = parseAnswer(`server=a uuid=${A} status=${state}\n`, { allowEmpty: false });
    expect(before).toEqual(listed(plain(A, "a")));
    expect(behind).toEqual(listed(plain(A, "a")));
  });
});
