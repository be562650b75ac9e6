import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ObjectStore } from "./object-store.ts";

interface Thing {
  readonly owner: string;
  readonly tags: readonly string[];
}

const newStore = () =>
  new ObjectStore<Thing, "owner" | "tag">({ owner: (thing) => [thing.owner], tag: (thing) => thing.tags });
const at = (key: string, version: number, uid = "u1") => ({ key, uid, resourceVersion: String(version) });
const thing = (owner: string, ...tags: string[]): Thing => ({ owner, tags });

describe("states of an object", () => {
  it("never go back", () => {
    const store = newStore();
    store.put(at("ns/a", 10), thing("x"));
    expect(store.put(at("ns/a", 9), thing("y"))).toEqual([]);
    expect(store.put(at("ns/a", 10), thing("y"))).toEqual([]);
    expect(store.get("ns/a")).toEqual(thing("x"));
    expect(store.put(at("ns/a", 11), thing("y"))).toEqual([
      { type: "updated", key: "ns/a", object: thing("y"), old: thing("x") },
    ]);
    expect(store.resourceVersion("ns/a")).toBe("11");
  });

  it("end with a deletion, unless that is older", () => {
    const store = newStore();
    store.put(at("ns/a", 10), thing("x"));
    expect(store.remove(at("ns/a", 9))).toEqual([]);
    expect(store.remove(at("ns/a", 12))).toEqual([
      { type: "deleted", key: "ns/a", object: thing("x"), old: thing("x") },
    ]);
    expect(store.remove(at("ns/a", 13))).toEqual([]);
    expect(store.size).toBe(0);
  });

  it("of a new uid under an old name are the end of one object and the beginning of another", () => {
    const store = newStore();
    store.put(at("ns/a", 10, "u1"), thing("x"));
    expect(store.put(at("ns/a", 20, "u2"), thing("y")).map((change) => change.type)).toEqual(["deleted", "added"]);
  });
});

describe("indexes", () => {
  it("follow the objects", () => {
    const store = newStore();
    store.put(at("ns/a", 1), thing("x", "red", "blue"));
    store.put(at("ns/b", 2), thing("x", "red"));
    expect([...store.index("owner", "x")]).toEqual(["ns/a", "ns/b"]);
    store.put(at("ns/a", 3), thing("y", "blue"));
    expect([...store.index("owner", "x")]).toEqual(["ns/b"]);
    expect([...store.index("tag", "red")]).toEqual(["ns/b"]);
    store.remove(at("ns/b", 4));
    expect([...store.index("tag", "red")]).toEqual([]);
    expect([...store.index("tag", "blue")]).toEqual(["ns/a"]);
    expect(store.index("owner", "nobody").size).toBe(0);
  });
});

describe("a complete list", () => {
  it("ends what it did not show, but not what was written after it", () => {
    const store = newStore();
    for (const key of ["seen", "gone", "unreadable"]) store.put(at(key, 1), thing("x"));
    store.beginList();
    store.put(at("seen", 1), thing("x"));
    store.touch("unreadable");
    store.putUnshown(at("written", 105), thing("x"));
    store.putUnshown(at("written-and-deleted", 95), thing("x"));
    const changes = [...store.sweep("100")];
    expect(changes.map(({ type, key }) => `${type} ${key}`)).toEqual(["deleted gone", "deleted written-and-deleted"]);
    expect([...store.keys()]).toEqual(["seen", "unreadable", "written"]);
  });

  it("counts an object as shown that we wrote again while the list ran", () => {
    const store = newStore();
    store.beginList();
    store.put(at("a", 5), thing("x"));
    store.putUnshown(at("a", 6), thing("y"));
    expect([...store.sweep("100")]).toEqual([]);
  });

  it("of a restored cluster replaces everything", () => {
    const store = newStore();
    store.put(at("stays", 1000), thing("new"));
    store.put(at("goes", 1001), thing("new"));
    store.forgetVersions();
    store.beginList();
    store.put(at("stays", 10), thing("old"));
    expect([...store.sweep("20")].map(({ key }) => key)).toEqual(["goes"]);
    expect(store.get("stays")).toEqual(thing("old"));
  });
});

it("holds for any history exactly the newest states, and its indexes agree", () => {
  const step = fc.record({
    key: fc.constantFrom("a", "b", "c"),
    version: fc.integer({ min: 1, max: 30 }),
    owner: fc.constantFrom("x", "y"),
    isDeletion: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const store = newStore();
      const model = new Map<string, { version: number; owner: string }>();
      for (const { key, version, owner, isDeletion } of steps) {
        const held = model.get(key);
        if (isDeletion) {
          store.remove(at(key, version));
          if (held !== undefined && held.version <= version) model.delete(key);
        } else {
          store.put(at(key, version), thing(owner));
          if (held === undefined || held.version < version) model.set(key, { version, owner });
        }
      }
      const seen = Object.fromEntries([...store.keys()].map((key) => [key, store.get(key)?.owner]));
      expect(seen).toEqual(Object.fromEntries([...model].map(([key, { owner }]) => [key, owner])));
      for (const owner of ["x", "y"]) {
        const wanted = [...model].filter(([, held]) => held.owner === owner).map(([key]) => key);
        expect(new Set(store.index("owner", owner))).toEqual(new Set(wanted));
      }
    }),
  );
});
