import type { ShownDirective, ShownDirectives } from "../domain/publishing/shown-directives.ts";
import type { Answer } from "../sync/ports.ts";

const JOB = /^Job: name=(.*?) JobType=\d+ .* Priority=(\d+) Enabled=[01]$/;
/** Of the job itself; a Schedule's Run prints its Pool with more blanks. One without any Run shows its name otherwise. */
const OWN: readonly (readonly [ShownDirective, RegExp])[] = [
  ["Client", /^ {2}--> Client: Name=(.+) Enabled=[01] /],
  ["FileSet", /^ {2}--> FileSet: name=(.+) IgnoreFileSetChanges=/],
  ["Schedule", /^ {2}--> Schedule: [Nn]ame=(.+?)(?: Enabled=[01])?$/],
  ["Storage", /^ {4}--> Storage: name=(.+) address=/],
  ["Pool", /^ {2}--> Pool: name=(.+) PoolType=/],
  ["Messages", /^ {2}--> Messages: name=(.+)$/],
  ["Command", /^ {2}--> Command=(.*)$/],
  ["Plugin", /^ {6}P (.*)$/],
];

/**
 * The jobs of the answers to `show job=`, with their FileSets, which it prints whole. A job that the Director does not
 * have, or that the Console may not see, is not among them; of what the Console may not see of a job nothing is shown.
 *
 *     Job: name=backup-web JobType=66 level=Full Priority=10 Enabled=1
 *       --> Client: Name=bacula-fd Enabled=1 Address=...
 *       --> FileSet: name=fs-web IgnoreFileSetChanges=0
 *           O S2
 *           P openstack: proxy_server=proxy instance=...
 *       --> Schedule: Name=WeeklyCycle Enabled=1
 *         --> Storage: name=File1 address=...          also those of its Pools
 *       --> Pool: name=Default PoolType=Backup
 *       --> Messages: name=Standard
 */
export function readShownJobs(answers: readonly string[]): Answer<ReadonlyMap<string, ShownDirectives>> {
  const jobs = new Map<string, ShownDirectives>();
  for (const answer of answers) {
    const lines = answer.split("\n");
    const [, name, priority] = JOB.exec(lines[0] ?? "") ?? [];
    if (name === undefined || priority === undefined) continue;
    const shown = new Map<ShownDirective, string[]>([["Priority", [priority]]]);
    for (const line of lines) {
      for (const [directive, form] of OWN) {
        const value = form.exec(line)?.[1];
        if (value !== undefined) shown.set(directive, [...(shown.get(directive) ?? []), value]);
      }
    }
    // Without any, it shows neither a script nor a plugin: nothing is hidden then.
    if (shown.has("FileSet") && !shown.has("Plugin")) shown.set("Plugin", []);
    if (!shown.has("Command")) shown.set("Command", []);
    jobs.set(name, shown);
  }
  return { kind: "answered", value: jobs };
}
