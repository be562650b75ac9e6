import { z } from "zod";

const record = z.looseObject({ level: z.string(), time: z.string(), msg: z.string().optional() });
const error = z.looseObject({ message: z.string(), code: z.unknown().optional() });

/** One JSON line of the log as a line for people: time, level, message, then `field=value` for each field. */
export function textLine(json: string): string {
  const { level, time, msg, ...fields } = record.parse(JSON.parse(json));
  const shown = Object.entries(fields).map(([name, value]) => ` ${name}=${valueText(value)}`);
  return `${time} ${level.toUpperCase().padEnd(5)} ${msg ?? ""}${shown.join("")}\n`;
}

/** JSON, so that no value can end the line or pass for another field; bare where it is one plain word. */
function valueText(value: unknown): string {
  const failure = error.safeParse(value);
  const plain = failure.success ? failure.data.message : value;
  return typeof plain === "string" && /^[\w./:@+-]+$/.test(plain) ? plain : JSON.stringify(plain);
}
