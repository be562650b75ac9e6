import type { StructuralSchema } from "./structural-schema.ts";

const COMBINATIONS = ["oneOf", "anyOf", "allOf", "not"] as const;
const FORMATS = new Set(["date-time", "int32", "int64", "uuid"]);
/** Lookahead, lookbehind, named and numbered back references: JavaScript has them, Go's RE2 does not. */
const NOT_IN_RE2 = /\(\?[=!<]|\\[1-9]|\\k</u;

/**
 * Whether a CRD's schema keeps Kubernetes' rules for structural schemas and ours (spec section 7): each field has a
 * type and a description, every text and list is bounded, no default, no union with types inside, only patterns that
 * RE2 can read. Answers one line for each fault, beginning with the path of the field.
 */
export function lintSchema(schema: StructuralSchema, path: string): readonly string[] {
  const faults: string[] = [];
  const fault = (what: string) => faults.push(`${path}: ${what}`);

  if (schema.type === undefined) fault("has no type");
  if (schema.description === undefined || schema.description === "") fault("has no description");
  if ("default" in schema) fault("has a default: it would make Argo CD see a difference");
  if ("$ref" in schema) fault("refers to another schema");
  for (const keyword of COMBINATIONS) if (keyword in schema) fault(`has ${keyword}`);
  if (schema.additionalProperties === false) fault("forbids further properties beside its own");
  if (schema.format !== undefined && !FORMATS.has(schema.format)) {
    fault(`has the format ${schema.format}, which Kubernetes does not check as we mean it`);
  }

  switch (schema.type) {
    case "string":
      faults.push(...lintText(schema, path));
      break;
    case "array":
      if (schema.maxItems === undefined) fault("has no maxItems");
      if (schema.items === undefined) fault("has no items");
      else faults.push(...lintSchema(schema.items, `${path}[]`));
      break;
    case "object":
      if (schema.properties === undefined) fault("has no properties");
      for (const [name, property] of Object.entries(schema.properties ?? {})) {
        faults.push(...lintSchema(property, `${path}.${name}`));
      }
      break;
    case "number":
    case "integer":
      if (schema.minimum === undefined) fault("has no minimum");
      break;
    default:
      break;
  }
  return faults;
}

function lintText(schema: StructuralSchema, path: string): readonly string[] {
  const faults: string[] = [];
  if (schema.maxLength === undefined && schema.enum === undefined) faults.push(`${path}: has no maxLength`);
  if (schema.pattern !== undefined && NOT_IN_RE2.test(schema.pattern)) {
    faults.push(`${path}: has a pattern that RE2 cannot read: ${schema.pattern}`);
  }
  return faults;
}
