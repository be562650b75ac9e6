import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import { EXIT } from "./cli/exit-code.ts";
import { runSync } from "./cli/sync-command.ts";
import { SYNC_OPTIONS, syncHelp } from "./cli/sync-help.ts";
import { versionText } from "./cli/version-command.ts";

const program = new Command("bacula-openstack-sync")
  .description("Keeps one Bacula Job and FileSet per OpenStack VM, and never destroys what nobody asked it to destroy.")
  .showHelpAfterError()
  .exitOverride();

const sync = program.command("sync").description("one pass over every client of clients.conf");
for (const { flags, description } of SYNC_OPTIONS) sync.option(flags, description);
sync
  .addOption(new Option("--output <form>", "how the outcome is printed").choices(["text", "json"]).default("text"))
  .addHelpText("after", syncHelp)
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
      const { runPreflightCommand } = await import("./cli/preflight-command.ts");
      process.exitCode = await runPreflightCommand(process.env, { output, directorConf, fileDaemonConf: fdConf });
    },
  );

program
  .command("import")
  .description("take an installation over: what a sync would change of it, and the OpenStackClients that go on with it")
  .option("--env-file <file>", "the installation's environment file; its variables go before those of the process")
  .option("--director-conf <file>", "the Director's configuration, when it is not where Bacula has it")
  .addHelpText(
    "after",
    `
Nothing is changed. Standard output is YAML for kubectl apply -f -, with the findings as comments before it.
Exit codes: 0 a sync would change no file, 1 something is wrong or a VM would be backed up twice, 2 wrong settings or
clients.conf, 3 a sync would change files.
Example: bacula-openstack-sync import --env-file /opt/bacula/etc/openstack-sync.env > clients.yaml`,
  )
  .action(async (options: { envFile?: string; directorConf?: string }) => {
    const { runImport } = await import("./cli/import-command.ts");
    process.exitCode = await runImport(process.env, options);
  });

program
  .command("operator")
  .description(
    "run as a Kubernetes operator for OpenStackClient and ManagedVM resources; settings by environment variables",
  )
  .action(async () => {
    // What only the operator needs takes longer to load than most commands take.
    const { runOperator } = await import("./cli/operator-command.ts");
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
