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
