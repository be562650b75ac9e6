import { styleText } from "node:util";

const MARGIN = "    ";

/** What the person who runs the demo reads: numbered steps, the commands a user would type, and their real output. */
export class Terminal {
  #steps = 0;

  /** Begins the next step; one line that says what happens and why it matters. */
  step(title: string): void {
    this.#steps += 1;
    console.log(`\n${styleText("bold", `${this.#steps}. ${title}`, { stream: process.stdout })}`);
  }

  say(text: string): void {
    console.log(indent(text));
  }

  /** A command as it would be typed. */
  command(line: string): void {
    console.log(`${MARGIN}${styleText("cyan", `$ ${line}`, { stream: process.stdout })}`);
  }

  output(text: string): void {
    if (text.trim() !== "") console.log(indent(text.trimEnd()));
  }
}

function indent(text: string): string {
  return text
    .split("\n")
    .map((line) => `${MARGIN}${line}`.trimEnd())
    .join("\n");
}
