import { describe, expect, it } from "vitest";
import { customResourceDefinitions } from "./crd.ts";
import { compareCrd, describeCrdDifference } from "./crd-check.ts";

const [client, vm] = customResourceDefinitions();
if (client === undefined || vm === undefined) throw new Error("two CRDs are built");

/** What the API server would answer, after a change to it as text. */
function installed(crd: object, ...changes: readonly (readonly [RegExp, string])[]): unknown {
  let text = JSON.stringify(crd);
  for (const [pattern, replacement] of changes) text = text.replace(pattern, replacement);
  return JSON.parse(text);
}

describe("the check of the installed CRDs", () => {
  it.each([
    ["openstackclients", client],
    ["managedvms", vm],
  ])("is content with %s of this release", (name, crd) => {
    expect(describeCrdDifference(name, compareCrd(installed(crd), crd))).toBeUndefined();
  });

  it("does not mind what the API server or a newer release adds, nor descriptions", () => {
    const found = installed(
      client,
      [/"graceDays":\{/u, '"newField":{"type":"string"},"graceDays":{"x-kubernetes-more":true,'],
      [/"metadata":\{/u, '"status":{"storedVersions":["v1alpha1"]},"metadata":{"uid":"1",'],
      [/Time between two passes/u, "Other words"],
    );
    expect(compareCrd(found, client)).toEqual({ missing: [], different: [] });
  });

  it("names fields that are not there", () => {
    const found = installed(client, [/"maxBackupAge":/gu, '"old":'], [/"unprotected":/u, '"x":']);
    expect(describeCrdDifference("openstackclients", compareCrd(found, client))).toBe(
      "the installed CRD openstackclients lacks spec.maxBackupAge, status.counts.unprotected, status.effective.maxBackupAge: apply crds/ of this release",
    );
  });

  it.each([
    ["another type", [/"graceDays":\{"type":"number"/u, '"graceDays":{"type":"string"'], "spec.graceDays"],
    ["another pattern", [/"pattern":"\^\[A-Z/u, '"pattern":"^[a-z'], "spec.datacenter"],
    ["other values", [/"Leave","Disable"/u, '"Leave"'], "spec.optOutAction"],
    ["a rule less", [/"rule":"self.datacenter == oldSelf.datacenter"/u, '"rule":"true"'], "spec"],
  ] as const)("names a field with %s", (_what, change, path) => {
    const difference = compareCrd(installed(client, change), client);
    expect(difference).toEqual({ missing: [], different: [path] });
    expect(describeCrdDifference("openstackclients", difference)).toContain(`has other rules for ${path}: apply`);
  });

  it("misses the status subresource and selectable fields", () => {
    const found = installed(vm, [/"subresources":\{"status":\{\}\},/u, ""], [/\.status\.phase"\}\]/u, '.x"}]']);
    expect(compareCrd(found, vm).missing).toEqual(["the status subresource", "selectable field status.phase"]);
  });

  it("misses a version that is not served", () => {
    const found = installed(vm, [/"served":true/u, '"served":false']);
    expect(compareCrd(found, vm).missing).toEqual(["version v1alpha1"]);
  });

  it.each([[undefined], [null], ["x"], [{}], [{ spec: { versions: [] } }]])("misses the version in %j", (found) => {
    expect(compareCrd(found, vm)).toEqual({ missing: ["version v1alpha1"], different: [] });
  });
});
