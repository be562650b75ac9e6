import { inspectCatalog } from "../../catalog/inspect-catalog.ts";
import { type Check, fail } from "../../domain/preflight/check.ts";
import { judgeCatalog } from "../../domain/preflight/judge-catalog.ts";
import { catalogConnection } from "../ports-of.ts";
import type { PreflightInput } from "./preflight-input.ts";

/** Section "PostgreSQL catalog". */
export async function checkCatalog({
  settings,
  ports,
  signal,
}: Pick<PreflightInput, "settings" | "ports" | "signal">): Promise<readonly Check[]> {
  const { catalog, clientDefaults } = settings;
  const alsoPurges = clientDefaults.cleanupAfterDays !== undefined && catalog.purgeUser === undefined;
  const options = { ...catalogConnection(catalog), clock: ports.clock, alsoPurges };
  const inspection = await inspectCatalog(options, signal);
  if (inspection.kind === "inspected") return judgeCatalog(inspection.facts);
  const { reason, detail } = inspection;
  switch (reason) {
    case "Unreachable":
    case "TimedOut":
      return [
        fail(
          "cannot connect to the PostgreSQL catalog",
          detail,
          "start the server; correct DB_HOST, DB_PORT and DB_TLS; look whether pg_hba.conf lets this host in",
        ),
      ];
    case "NotAuthorized":
      return [
        fail(
          "cannot connect to the PostgreSQL catalog",
          detail,
          "correct DB_USER and PGPASSWORD, or the line for them in PGPASSFILE (~/.pgpass)",
        ),
      ];
    case "WrongSchema":
      return [fail("this is not Bacula's catalog", detail, "correct DB_NAME")];
    case "QueryFailed":
      return [fail("the catalog refuses to be read", detail, "look at PostgreSQL's log")];
    default:
      return reason satisfies never;
  }
}
