import { SETTINGS } from "../src/settings/variables.ts";

export const BEGIN = "<!-- settings: made by npm run docs from src/settings/variables.ts -->";
export const END = "<!-- /settings -->";

/** Every setting as a row of Markdown: its names, its default, what is allowed, and what it does. */
export function settingsTable(): string {
  const rows = SETTINGS.map(({ variable, alias, specField, shownDefault, allowed, description, frontEnd }) => {
    const names = [variable, alias].filter((name) => name !== undefined).map(code);
    const only = frontEnd === "both" ? "" : ` Only in the ${frontEnd}.`;
    const field = specField === undefined ? "" : ` In the operator \`spec.${specField}\` goes before it.`;
    return [names.join(", "), shownDefault === "" ? "empty" : shownDefault, allowed, `${description}${only}${field}`];
  });
  const lines = [["Variable", "Default", "Allowed", "Meaning"], ["---", "---", "---", "---"], ...rows];
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`).join("\n");
}

/** The page with the table as the settings are now; throws when it has no place for it. */
export function withSettingsTable(page: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin === -1 || end < begin) throw new Error(`the page has no ${BEGIN} and ${END}`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${settingsTable()}\n\n${page.slice(end)}`;
}

function code(name: string): string {
  return `\`${name}\``;
}
