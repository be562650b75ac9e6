import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import { EXIT } from "./cli/exit-code.ts";
import { runOperator } from "./cli/operator-command.ts";
import { runPreflightCommand } from "./cli/preflight-command.ts";
import { runSync } from "./cli/sync-command.ts";
import { versionText } from "./cli/version-command.ts";

const program = new Command("bacula-openstack-sync")
  .description("Keeps one Bacula Job and FileSet per OpenStack VM, and never destroys what nobody asked it to destroy.")
  .showHelpAfterError()
  .exitOverride();

program
  .command("sync")
  .description("one pass over every client of clients.conf; settings by environment variables")
  .option("--apply-policy", "edit hand-edited directives too, so that every job says what policy says")
  .option("--approve-removal <client=token...>", "let the VMs that the last sync held go their way")
  .option("--take-over [client...]", "this policy counts from now on, whatever another front end applied before")
  .addOption(new Option("--output <form>", "how the outcome is printed").choices(["text", "json"]).default("text"))
  .action(async (options) => {
    process.exitCode = await runSync(process.env, options);
  });

program
  .command("preflight")
  .description("look at everything that a sync needs and change nothing: OK, WARN, FAIL or SKIP for each check")
  .option("--director-conf <file>", "the Director's configuration, when it is not where Bacula has it")
  .option("--fd-conf <file>", "a File Daemon's configuration on this machine, when it is not where Bacula has it")
  .addOption(new Option("--output <form>", "how it is printed").choices(["text", "json"]).default("text"))
  .addHelpText(
    "after",
    `
Settings come from the environment, as for sync. OpenStack credentials come from OS_CLOUD and clouds.yaml or from OS_*
variables; only preflight uses them, and a token that it was given is revoked at the end.
Exit codes: 0 nothing FAILs (WARN and SKIP may be there), 1 something FAILs, 2 wrong arguments.
Example: set -a; . /opt/bacula/etc/openstack-sync.env; bacula-openstack-sync preflight`,
  )
  .action(
    async ({ output, directorConf, fdConf }: { output: "text" | "json"; directorConf?: string; fdConf?: string }) => {
      process.exitCode = await runPreflightCommand(process.env, { output, directorConf, fileDaemonConf: fdConf });
    },
  );

program
  .command("operator")
  .description(
    "run as a Kubernetes operator for OpenStackClient and ManagedVM resources; settings by environment variables",
  )
  .action(async () => {
    process.exitCode = await runOperator(process.env);
  });

program
  .command("version")
  .description("print the version")
  .action(async () => {
    process.stdout.write(await versionText());
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  // Commander has said what is wrong; --help is no error.
  process.exitCode = error.exitCode === 0 ? EXIT.well : EXIT.wrongInput;
}
