import { z } from "zod";

/** One node of a CRD's schema: the part of OpenAPI 3.0 that Kubernetes calls structural, as far as we use it. */
export interface StructuralSchema {
  readonly type?: string | undefined;
  readonly description?: string | undefined;
  readonly properties?: Readonly<Record<string, StructuralSchema>> | undefined;
  readonly items?: StructuralSchema | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly format?: string | undefined;
  readonly pattern?: string | undefined;
  readonly maxLength?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly minimum?: number | undefined;
  readonly additionalProperties?: unknown;
  readonly [keyword: string]: unknown;
}

/** Reads any JSON as a schema node; keywords that we do not know are kept. */
export const structuralSchema: z.ZodType<StructuralSchema> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    description: z.string().optional(),
    properties: z.record(z.string(), structuralSchema).optional(),
    items: structuralSchema.optional(),
    enum: z.array(z.unknown()).optional(),
    format: z.string().optional(),
    pattern: z.string().optional(),
    maxLength: z.number().optional(),
    maxItems: z.number().optional(),
    minimum: z.number().optional(),
    additionalProperties: z.unknown().optional(),
  }),
);

/**
 * The schema of what is on the wire, for a CRD. What has no structural form (unions of objects, tuples, transforms,
 * defaults) is not bent into one: `lintSchema` refuses it, because a CRD that says less than the code is a trap.
 */
export function toStructuralSchema(schema: z.ZodType): StructuralSchema {
  const json = z.toJSONSchema(schema, {
    target: "openapi-3.0",
    io: "input",
    reused: "inline",
    unrepresentable: "throw",
    override: ({ jsonSchema }) => {
      if (jsonSchema.type !== "integer") return;
      // zod bounds every integer by what JavaScript can hold; to Kubernetes that is an int64.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      jsonSchema.format = "int64";
    },
  });
  return structuralSchema.parse(json);
}
