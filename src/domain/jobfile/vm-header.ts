const MAX_HEADER_CHARACTERS = 255;

/**
 * A VM's display name as the `#@vm:` header writes it. The name is a tenant's: control characters (a CR would end the
 * comment and begin configuration), line and paragraph separators and direction marks become blanks; blanks at the ends
 * go; at most 255 characters stay. Names that the header writes alike are alike: a change beyond it is no rename.
 */
export function vmHeader(name: string): string {
  const plain = name
    .toWellFormed()
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\ufeff]/gu, " ");
  return Array.from(plain.trim()).slice(0, MAX_HEADER_CHARACTERS).join("").trim();
}
