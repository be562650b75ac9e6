import type { FileSetFile, JobDirectives, JobFile, JobHeaders } from "../../domain/jobfile/job-file.ts";

/**
 * Keeps one copy of each string that thousands of files have in common, and cuts the others loose from the text they
 * were found in: V8 lets a substring hold on to its whole text, which at 100,000 files of 600 bytes is 60 MB for nothing.
 */
export class StringPool {
  readonly #shared = new Map<string, string>();

  jobFile(job: JobFile): JobFile {
    return { ...job, headers: this.#headers(job.headers), directives: this.#directives(job.directives) };
  }

  /** The FileSet's name is mostly the one its job refers to: then both share it. */
  fileSetFile(fileSet: FileSetFile, job: JobFile): FileSetFile {
    const name = fileSet.name === job.directives.fileSet ? job.directives.fileSet : detached(fileSet.name);
    return { name, plugins: fileSet.plugins.map(detached) };
  }

  #headers(headers: JobHeaders): JobHeaders {
    return this.#eachString(headers, new Set(["vm", "uuid", "hold", "suspend"]));
  }

  #directives(directives: JobDirectives): JobDirectives {
    return this.#eachString(directives, new Set(["name", "fileSet"]));
  }

  #eachString<T extends object>(record: T, own: ReadonlySet<string>): T {
    const slim: T = { ...record };
    for (const [key, value] of Object.entries(slim)) {
      if (typeof value === "string")
        Object.assign(slim, { [key]: own.has(key) ? detached(value) : this.#share(value) });
    }
    return slim;
  }

  #share(text: string): string {
    const known = this.#shared.get(text);
    if (known !== undefined) return known;
    const copy = detached(text);
    this.#shared.set(copy, copy);
    return copy;
  }
}

/** A copy that refers to no other string. */
function detached(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}
