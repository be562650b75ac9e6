import { readFile, stat } from "node:fs/promises";

/** Whom the password is for, as a line of the file names it. */
export interface Login {
  /** A path for a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** The password file cannot be used. The message names the file and what to do, never a line of it. */
export class PassFileError extends Error {
  readonly code = "PassFileUnusable";

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PassFileError";
  }
}

/**
 * Reads the password for a login from a PGPASSFILE, by libpq's rules: `host:port:database:user:password`, `*` for any,
 * `\:` and `\\` escaped, the first line that fits wins, and a file that others may read is refused. `undefined`: no line
 * fits. It is read at each connection, so that a rotated password needs no restart.
 */
export async function passwordFromFile(path: string, login: Login): Promise<string | undefined> {
  let text: string;
  try {
    const { mode } = await stat(path);
    if ((mode & 0o077) !== 0) {
      const shown = (mode & 0o777).toString(8).padStart(4, "0");
      throw new PassFileError(`PGPASSFILE ${path} has mode ${shown}: others may read it; chmod 0600 it`);
    }
    text = await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof PassFileError) throw error;
    throw new PassFileError(`PGPASSFILE ${path} cannot be read; correct the path, or its owner`, { cause: error });
  }
  return passwordFor(text, login);
}

/** The rule of `passwordFromFile` for the file's text. */
export function passwordFor(text: string, login: Login): string | undefined {
  // libpq names a connection by a Unix socket "localhost", as it does the default host.
  const host = login.host.startsWith("/") ? "localhost" : login.host;
  const wanted = [host, String(login.port), login.database, login.user];
  for (const line of text.split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const fields = splitFields(line);
    if (fields === undefined) continue;
    if (wanted.every((value, n) => fields[n] === "*" || unescaped(fields[n] ?? "") === value)) {
      return unescaped(fields[4] ?? "");
    }
  }
  return undefined;
}

/** Five raw fields; the password may hold further colons, as libpq takes all that follows the fourth. */
function splitFields(line: string): readonly string[] | undefined {
  const fields: string[] = [];
  let start = 0;
  for (let i = 0; i < line.length && fields.length < 4; i++) {
    if (line[i] === "\\") i += 1;
    else if (line[i] === ":") {
      fields.push(line.slice(start, i));
      start = i + 1;
    }
  }
  return fields.length === 4 ? [...fields, line.slice(start)] : undefined;
}

function unescaped(field: string): string {
  return field.replaceAll(/\\(.)/g, "$1");
}
