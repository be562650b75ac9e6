/**
 * A table as RFC 4180 writes it: CRLF after every line, quotes where they are needed. Names are tenants': a field that a
 * spreadsheet would take for a formula gets an apostrophe in front, as OWASP advises, which spreadsheets do not show.
 */
export function csvText(rows: readonly (readonly (string | number | undefined)[])[]): string {
  return rows.map((row) => `${row.map(field).join(",")}\r\n`).join("");
}

function field(value: string | number | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") return String(value);
  const harmless = /^[=+\-@\t\r]/u.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
