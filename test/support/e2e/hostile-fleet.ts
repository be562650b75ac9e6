import fc from "fast-check";

/** One VM as its tenant made it, and what becomes of it. */
export interface HostileVm {
  readonly uuid: string;
  /** Bytes where they are no UTF-8. */
  readonly name: string | Uint8Array;
  /** The rest of its record, as the plugin prints it: a tag and an opt-out are the tenant's too. */
  readonly metadata?: string;
  /** A job with that JobDefs and what PolicyAccepted says of it, or none because its own record opts out. */
  readonly expected: { readonly jobDefs: string; readonly policy: string } | "optedOut";
}

const BY_DEFAULT = { jobDefs: "DefaultJob", policy: "True Accepted" } as const;
const GOLD = { jobDefs: "Gold", policy: "True Accepted" } as const;
/** Of a record that can be read in two ways, no tag and no opt-out is believed. */
const UNBELIEVED = { jobDefs: "DefaultJob", policy: "True Kept" } as const;

/** VMs that are there before the hostile ones come, each with a job or an opt-out that these are after. */
export const VICTIMS: readonly HostileVm[] = [
  { uuid: "aaaaaaaa-0000-4000-8000-000000000001", name: "gold", metadata: " tag=Gold", expected: GOLD },
  { uuid: "aaaaaaaa-0000-4000-8000-000000000002", name: "plain", expected: UNBELIEVED },
  { uuid: "aaaaaaaa-0000-4000-8000-000000000003", name: "out", metadata: " backup=false", expected: "optedOut" },
];

/** What a command in a name would make when something ran it. */
export const CANARY = "/tmp/bacula-openstack-sync-canary";

/** Their records can be read in one way only, whatever the names look like. */
const NAMES: readonly (string | Uint8Array)[] = [
  // Configuration, console, shell, SQL, formats.
  '"',
  "'",
  "\\",
  'a\\"b',
  "{",
  "}",
  '" } Job { Name = "injected" JobDefs = "DefaultJob" }',
  'x"\\n}\\nFileSet { Name = "injected" }',
  `x" RunScript { RunsWhen = Before Command = "touch ${CANARY}" }`,
  "#@hold: x",
  "#@jobdefs: Gold",
  "# from gold/job",
  "@/etc/hostname",
  `@|"touch ${CANARY}"`,
  `@exec "touch ${CANARY}"`,
  `|touch ${CANARY}`,
  `; touch ${CANARY} ;`,
  `$(touch ${CANARY})`,
  `\`touch ${CANARY}\``,
  "; reload",
  "quit",
  "'; DROP TABLE job; --",
  "%s%n%d%x",
  "%j %c %%",
  "<script>",
  "__proto__",
  "constructor",
  "toString",
  // Paths, and names that are something else's.
  ".",
  "..",
  "../../../../tmp/injected",
  "/",
  "/etc/bacula/bacula-dir.conf",
  "a/../../b",
  "-rf",
  ".hidden",
  ".bacula-openstack-sync",
  "published.conf",
  "PUBLISHED.conf",
  "jobs.tsv",
  "include.conf",
  "job",
  "fileset",
  "job.rejected",
  "HandWritten",
  "handwritten",
  "DefaultJob",
  "HOLD",
  // Names that are one when case or what is not allowed goes.
  "web",
  "WEB",
  "Web",
  "wEb",
  "web 1",
  "web/1",
  "web?1",
  "web_1",
  "WEB 1",
  "web\u00a01",
  "\u212aelvin",
  "kelvin",
  "\u0130",
  "\u0131",
  "caf\u00e9",
  "cafe\u0301",
  "gold",
  "GOLD",
  "plain-aaaaaaaa",
  "out-aaaaaaaa",
  "out-AAAAAAAA",
  // What the eye or a terminal reads otherwise.
  "",
  " ",
  "   padded   ",
  "\u202egnp.exe",
  "\u2066x\u2069",
  "we\u200bb",
  "web\u200f",
  "\ufeffweb",
  "web\ufeff",
  "\u200b",
  "line\u2028separator",
  "paragraph\u2029separator",
  "next\u0085line",
  "carriage\rreturn",
  '"\r} Job { Name = "injected" }',
  "form\ffeed\vtab\ttab",
  "\u001b[2J\u001b]0;title\u0007",
  "\u007f\b\b\b",
  "\u{1f468}\u200d\u{1f469}\u200d\u{1f467}",
  "\u{1f4a9}",
  "Z\u0351\u036b\u0343\u036a",
  // Long ones.
  "a".repeat(255),
  "A".repeat(255),
  `${"a".repeat(254)}b`,
  "\u{1f4a9}".repeat(255),
  "\u00e9".repeat(255),
  "%s".repeat(127),
  '"'.repeat(255),
  "\\".repeat(255),
  "../".repeat(85),
  // Texts that the Director, the File Daemon or the plugin could have said.
  "error=x",
  "x error=y",
  "error=plugin not found",
  'error=Client "bacula-dc1-os1-fd" not found',
  "ERR=x",
  "[DE0029] x",
  "[CE0003] x",
  "2992 Bad query command",
  "1000 OK: test-dir",
  "You have messages.",
  ".query: is an invalid command.",
  "server: [",
  "]",
  // Tokens that are nobody's, or begin no word.
  "backup=false",
  "tag=Gold",
  `uuid=${VICTIMS[0]?.uuid}`,
  "x backup = false",
  "x BACKUP=false",
  `x UUID=${VICTIMS[0]?.uuid}`,
  "x;backup=false",
  "x id=5 status=ACTIVE",
  "a=b",
  "=",
  // No UTF-8: a lone byte, an overlong `/`, a cut character, half a surrogate pair.
  Uint8Array.of(0x77, 0xff, 0xfe),
  Uint8Array.of(0x2e, 0x2e, 0xc0, 0xaf, 0x2e, 0x2e),
  Uint8Array.of(0xe2, 0x82),
  Uint8Array.of(0xed, 0xa0, 0x80),
];

/** Their records can be read in two ways, so they give nobody a policy; the VMs themselves are there. */
const IMITATIONS: readonly string[] = [
  "x backup=false",
  "x backup=true",
  "x tag=Gold",
  " tag=Gold",
  "x\ttag=Gold backup=false",
  "x server=y",
  "x uuid=zzz",
  ...VICTIMS.flatMap(({ uuid }) => [
    `x uuid=${uuid}`,
    `x uuid=${uuid.toUpperCase()}`,
    `x uuid=${uuid} tag=Gold`,
    `x uuid=${uuid} tag=LinuxVMJob`,
    `x uuid=${uuid} backup=false`,
    `x uuid=${uuid} backup=true`,
    ` uuid=${uuid}`,
    `gold server=gold uuid=${uuid} tag=`,
    `x uuid=${uuid} error=plugin not found`,
  ]),
];

/** Metadata, and what follows from it for the VM whose it is. */
const METADATA: readonly (readonly [string, HostileVm["expected"]])[] = [
  [" tag=Gold", GOLD],
  [" tag= Gold ", GOLD],
  [" tag=LinuxVMJob", { jobDefs: "LinuxVMJob", policy: "True Accepted" }],
  [" tag=", BY_DEFAULT],
  [" backup=false", "optedOut"],
  [" backup= FALSE ", "optedOut"],
  [" backup=no", BY_DEFAULT],
  // The two keys of the metadata in one of them: still the tenant's own.
  [" tag=Gold backup=false", "optedOut"],
  ...[
    "gold",
    "NoSuchDefs",
    'Gold"',
    "Gold\\",
    "Gold\u200b",
    "*",
    "G*",
    "..",
    "../Gold",
    "$(id)",
    "`id`",
    "@exec",
    "} Job {",
    "Gold\rEnabled",
    "\u202edloG",
    "\u{1f4a9}",
    "%s%n",
    "error=x",
    "[DE0029] x",
    "You have messages.",
    "x".repeat(255),
    "\u00e9".repeat(255),
  ].map((tag) => [` tag=${tag}`, { ...BY_DEFAULT, policy: "False NotFound" }] as const),
  [" tag=AdminDefs", { ...BY_DEFAULT, policy: "False NotBackup" }],
  // These are read in two ways.
  [" tag=Gold tag=LinuxVMJob", UNBELIEVED],
  [" tag=Gold error=x", UNBELIEVED],
  ...VICTIMS.map(({ uuid }) => [` tag=Gold uuid=${uuid}`, UNBELIEVED] as const),
  ...VICTIMS.map(({ uuid }) => [` tag=Gold server=x uuid=${uuid} backup=false`, UNBELIEVED] as const),
];

const SEED = 20_261_124;
const TOTAL = 500;

/**
 * 500 hostile VMs, always the same: every name above, hostile metadata under hostile names, several VMs of one slug and
 * nearly one uuid, and for the rest names that are made of hostile pieces or of any characters.
 */
export function hostileFleet(): readonly HostileVm[] {
  const uuids = fc.sample(fc.uuid(), { seed: SEED, numRuns: TOTAL });
  const fixed: Omit<HostileVm, "uuid">[] = [
    ...NAMES.map((name) => ({ name, expected: BY_DEFAULT })),
    ...IMITATIONS.map((name) => ({ name, expected: UNBELIEVED })),
    ...METADATA.map(([metadata, expected], at) => ({ name: NAMES[at] ?? "", metadata, expected })),
  ];
  const alike: HostileVm[] = ["same", "SAME", "same", "sa/me", "sa me", "sa\u202eme"].flatMap((name, at) => [
    { uuid: `bbbbbbbb-0000-4000-8000-00000000000${at}`, name, expected: BY_DEFAULT },
    { uuid: `bbbbbbbb-0000-4000-8001-00000000000${at}`, name, metadata: " backup=false", expected: "optedOut" },
  ]);
  const rest = TOTAL - fixed.length - alike.length;
  const made = fc.sample(anyName, { seed: SEED, numRuns: rest }).map((name) => ({ name, expected: BY_DEFAULT }));
  const named = [...fixed, ...made].map((vm, at) => ({ uuid: uuids[at] ?? "", ...vm }));
  return [...named, ...alike];
}

const PIECES = [
  ...Array.from("\"'\\{}@|;$()`/.:%-_#[]<>=,*?&! \t\r"),
  "..",
  "a",
  "B",
  "\u202e",
  "\u200b",
  "\u00e9",
  "\u{1f4a9}",
];
const anyName = fc
  .oneof(
    fc.array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 40 }).map((pieces) => pieces.join("")),
    fc.string({ unit: "binary", minLength: 1, maxLength: 255 }),
  )
  .map((name) => name.replaceAll(/[\n\0]/gu, "?"));

/** The answer of the plugin for these VMs. */
export function answerOf(vms: readonly Pick<HostileVm, "uuid" | "name" | "metadata">[]): Uint8Array {
  return Buffer.concat(
    vms.flatMap(({ uuid, name, metadata = "" }) => [
      Buffer.from("server="),
      Buffer.from(name),
      Buffer.from(` uuid=${uuid}${metadata}\n`),
    ]),
  );
}
