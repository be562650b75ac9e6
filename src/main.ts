import process from "node:process";
import { Command, CommanderError, Option } from "commander";
import { EXIT } from "./cli/exit-code.ts";
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
