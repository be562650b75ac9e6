import process from "node:process";
import { Command } from "commander";
import { runOperator } from "./cli/operator-command.ts";
import { versionText } from "./cli/version-command.ts";

const program = new Command("bacula-openstack-sync")
  .description("Keeps one Bacula Job and FileSet per OpenStack VM, and never destroys what nobody asked it to destroy.")
  .showHelpAfterError();

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

await program.parseAsync();
