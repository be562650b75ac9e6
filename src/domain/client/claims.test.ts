import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ClientClaim, judgeClaims } from "./claims.ts";

const base: ClientClaim = {
  id: "bacula/a",
  identity: { datacenter: "dc1", openstack: "os1", client: "dc1-os1-fd", jobPrefix: "backup-dc1-os1-" },
  hasFiles: false,
  createdAtMs: 1_000,
};
const other: ClientClaim = {
  id: "bacula/b",
  identity: { datacenter: "dc2", openstack: "os2", client: "dc2-os2-fd", jobPrefix: "backup-dc2-os2-" },
  hasFiles: false,
  createdAtMs: 2_000,
};

const claiming = (identity: Partial<ClientClaim["identity"]>, more: Partial<ClientClaim> = {}): ClientClaim => ({
  ...other,
  ...more,
  identity: { ...other.identity, ...identity },
});

describe("rule 6: one client never touches another's jobs", () => {
  it.each([
    ["the same client", claiming({ client: "dc1-os1-fd" }), "client"],
    ["the same client but for case", claiming({ client: "DC1-os1-fd" }), "client"],
    ["the same jobPrefix", claiming({ jobPrefix: "backup-dc1-os1-" }), "jobPrefix"],
    ["the same folder", claiming({ datacenter: "dc1", openstack: "os1" }), "folder"],
  ])("of two with %s the older works", (_what, claim, claimed) => {
    const verdicts = judgeClaims([claim, base]);
    expect(verdicts.get("bacula/a")).toEqual({ kind: "granted", warnings: [] });
    expect(verdicts.get("bacula/b")).toMatchObject({ kind: "refused", claimed, winner: "bacula/a" });
  });

  it("the one whose files exist wins over the older one", () => {
    const verdicts = judgeClaims([base, claiming({ client: "dc1-os1-fd" }, { hasFiles: true })]);
    expect(verdicts.get("bacula/b")?.kind).toBe("granted");
    expect(verdicts.get("bacula/a")).toEqual({
      kind: "refused",
      claimed: "client",
      winner: "bacula/b",
      reason:
        "client dc1-os1-fd belongs to bacula/b, whose job files exist. Nothing is done here. Give it another client, or delete one of the two",
    });
  });
  it("of two of one age the first by name wins", () => {
    const verdicts = judgeClaims([claiming({ client: "dc1-os1-fd" }, { createdAtMs: 1_000 }), base]);
    expect(verdicts.get("bacula/a")?.kind).toBe("granted");
  });
  it("one datacenter may have several instances", () => {
    const verdicts = judgeClaims([base, claiming({ datacenter: "dc1" })]);
    expect([...verdicts.values()].map(({ kind }) => kind)).toEqual(["granted", "granted"]);
  });
  it("a loser blocks nobody", () => {
    const loser = claiming({ client: "dc1-os1-fd" });
    const third = claiming({ client: "dc3", datacenter: "dc3" }, { id: "bacula/c", createdAtMs: 3_000 });
    expect(judgeClaims([base, loser, third]).get("bacula/c")?.kind).toBe("granted");
  });
  it("a prefix that begins another is legal and warned about", () => {
    const verdicts = judgeClaims([base, claiming({ jobPrefix: "backup-" })]);
    expect(verdicts.get("bacula/a")).toEqual({
      kind: "granted",
      warnings: ["jobPrefix backup-dc1-os1- begins with backup- of bacula/b"],
    });
    expect(verdicts.get("bacula/b")).toEqual({
      kind: "granted",
      warnings: ["jobPrefix backup- also begins backup-dc1-os1- of bacula/a"],
    });
  });
});

describe("claims in any number", () => {
  const name = fc.constantFrom("a", "A", "b", "c", "d");
  const someClaims: fc.Arbitrary<ClientClaim[]> = fc.uniqueArray(
    fc.record({
      id: fc.constantFrom("k", "l", "m", "n", "o", "p"),
      identity: fc.record({ datacenter: name, openstack: name, client: name, jobPrefix: name }),
      hasFiles: fc.boolean(),
      createdAtMs: fc.integer({ min: 0, max: 2 }),
    }),
    { selector: ({ id }) => id },
  );
  const keys = ({ identity }: ClientClaim) =>
    [
      `client ${identity.client}`,
      `prefix ${identity.jobPrefix}`,
      `folder ${identity.datacenter}/${identity.openstack}`,
    ].map((key) => key.toLowerCase());

  it("every name has at most one winner, and each loser a winner with one of its names", () => {
    fc.assert(
      fc.property(someClaims, (claims) => {
        const verdicts = judgeClaims(claims);
        const byId = new Map(claims.map((claim) => [claim.id, claim]));
        const granted = claims.filter(({ id }) => verdicts.get(id)?.kind === "granted");
        const owned = granted.flatMap(keys);
        expect(new Set(owned).size).toBe(owned.length);
        for (const claim of claims) {
          const verdict = verdicts.get(claim.id);
          const winner = verdict?.kind === "refused" ? byId.get(verdict.winner) : claim;
          expect(granted).toContain(winner);
          expect(keys(claim).some((key) => winner !== undefined && keys(winner).includes(key))).toBe(true);
        }
      }),
    );
  });
  it("a winner has files, or the loser has none; and is not younger where both have the same", () => {
    fc.assert(
      fc.property(someClaims, (claims) => {
        const byId = new Map(claims.map((claim) => [claim.id, claim]));
        const pairs = [...judgeClaims(claims)].flatMap(([id, verdict]) => {
          const [loser, winner] = [byId.get(id), verdict.kind === "refused" ? byId.get(verdict.winner) : undefined];
          return loser === undefined || winner === undefined ? [] : [{ loser, winner }];
        });
        for (const { loser, winner } of pairs) {
          const rank = ({ hasFiles, createdAtMs, id }: ClientClaim) => `${hasFiles ? 0 : 1} ${createdAtMs} ${id}`;
          expect(rank(winner) < rank(loser)).toBe(true);
        }
      }),
    );
  });
  it("their order does not matter", () => {
    const ordered = someClaims.chain((claims) =>
      fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length })),
    );
    const sorted = (some: readonly ClientClaim[]) => [...judgeClaims(some)].toSorted(([a], [b]) => (a < b ? -1 : 1));
    fc.assert(
      fc.property(ordered, ([claims, shuffled]) => {
        expect(sorted(shuffled)).toEqual(sorted(claims));
      }),
    );
  });
});
