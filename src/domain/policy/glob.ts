/**
 * Whether a name matches a glob over the whole name, case-sensitive: `*` stands for any characters, `?` for one, all
 * else for itself (spec section 4: `allowedJobDefs`). Runs in time linear in the name for each `*`, so that a hostile
 * pattern cannot stop the process.
 */
export function matchesGlob(name: string, glob: string): boolean {
  let nameAt = 0;
  let globAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (nameAt < name.length) {
    const wanted = glob[globAt];
    if (wanted === "*") {
      starAt = globAt++;
      resumeAt = nameAt;
    } else if (wanted === "?" || wanted === name[nameAt]) {
      globAt++;
      nameAt++;
    } else if (starAt >= 0) {
      globAt = starAt + 1;
      nameAt = ++resumeAt;
    } else {
      return false;
    }
  }
  while (glob[globAt] === "*") globAt++;
  return globAt === glob.length;
}
