import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const FILES_PER_CALL = 500;

/**
 * Those of the given files that have a POSIX ACL. Node cannot ask, so `ls` of coreutils does, many files a call: it
 * ends the mode with "+". A system whose `ls` does not (busybox) has its ACLs not kept.
 */
export async function filesWithAccessList(paths: readonly string[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (let i = 0; i < paths.length; i += FILES_PER_CALL) {
    const part = paths.slice(i, i + FILES_PER_CALL);
    // -U keeps the order of the arguments, -b keeps one line per file whatever its name is.
    const { stdout } = await run("ls", ["-1dlnUb", "--", ...part], {
      maxBuffer: 16 << 20,
      env: { ...process.env, LC_ALL: "C" },
    });
    const lines = stdout.trimEnd().split("\n");
    if (lines.length !== part.length) continue;
    part.forEach((path, n) => {
      if (lines[n]?.charAt(10) === "+") found.add(path);
    });
  }
  return found;
}

/** Copies mode, owner, group, ACL and extended attributes, and nothing of the content. */
export async function copyAttributes(from: string, to: string): Promise<void> {
  await run("cp", ["--attributes-only", "--preserve=mode,ownership,xattr", "--", from, to], {
    env: { ...process.env, LC_ALL: "C" },
  });
}
