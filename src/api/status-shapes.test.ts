import { describe, expect, expectTypeOf, it } from "vitest";
import type { ClientStatus } from "../domain/status/client-status.ts";
import type { ClientCounts } from "../domain/status/count-vms.ts";
import { CLIENT_CONDITIONS, VM_CONDITIONS } from "../domain/status/reasons.ts";
import type { VmStatus } from "../domain/status/vm-status.ts";
import { type ManagedVmStatus, managedVmStatus } from "./managed-vm.ts";
import { type OpenStackClientStatus, openStackClientStatus } from "./open-stack-client.ts";

/** What the writer adds is not the domain's; conditions are compared apart. */
type Fields<T> = Omit<T, "conditions" | "observedGeneration">;
type Mutable<T> = T extends object ? { -readonly [K in keyof T]-?: Mutable<Exclude<T[K], undefined>> } : T;

describe("the statuses that the domain makes", () => {
  it("have the fields of the CRDs", () => {
    expectTypeOf<Mutable<Fields<VmStatus>>>().toEqualTypeOf<Mutable<Fields<ManagedVmStatus>>>();
    expectTypeOf<Mutable<ClientCounts>>().toEqualTypeOf<Mutable<NonNullable<OpenStackClientStatus["counts"]>>>();
    expectTypeOf<Mutable<NonNullable<ClientStatus["removal"]>>>().toEqualTypeOf<
      Mutable<NonNullable<OpenStackClientStatus["removal"]>>
    >();
  });
  it.each([
    ["OpenStackClient", openStackClientStatus, CLIENT_CONDITIONS],
    ["ManagedVM", managedVmStatus, VM_CONDITIONS],
  ])("of %s have condition types that its description names", (_kind, schema, types) => {
    const description = schema.shape.conditions.unwrap().description ?? "";
    expect(Object.keys(types).filter((type) => !description.includes(type))).toEqual([]);
  });
});
