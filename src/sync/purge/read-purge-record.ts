import { z } from "zod";
import type { PurgeRecord } from "../../domain/purge/purge-record.ts";

const ids = z.array(z.int().positive());

const document = z.strictObject({
  version: z.literal(1),
  uuid: z.string(),
  jobName: z.string().min(1),
  fileSetName: z.string(),
  begunMs: z.number(),
  stage: z.enum(["withdrawing", "deleting", "volumes", "removing"]),
  jobIds: ids,
  objectIds: ids,
  volumes: z.array(
    z.strictObject({
      mediaId: z.int().positive(),
      name: z.string(),
      mediaType: z.string(),
      storage: z.string(),
      pool: z.string(),
    }),
  ),
  volumesSinceMs: z.number().optional(),
  actionsRequired: z.array(z.string()),
});

/** `undefined`: it is lost, or of another form; nothing may be deleted by it then. */
export function readPurgeRecord(value: unknown): PurgeRecord | undefined {
  return document.safeParse(value).data;
}
