import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderInclude, UnsafePathError } from "./render-include.ts";

const anyPath = fc.oneof(fc.stringMatching(/^[A-Za-z0-9/:._ -]{1,20}$/), fc.string({ unit: "binary", maxLength: 20 }));
const HEAD =
  "# Made by bacula-openstack-sync: the Director's configuration includes this file and nothing else of ours.\n";

describe("include.conf", () => {
  it("is a comment alone when nothing is published: it must exist before the Director starts", () => {
    expect(renderInclude([])).toBe(HEAD);
  });

  it("has one line per published file, in order, each once", () => {
    const paths = ["/b/dc2/os1/published.conf", "/b/dc1/os1/published.conf", "/b/dc2/os1/published.conf"];
    expect(renderInclude(paths)).toBe(`${HEAD}@/b/dc1/os1/published.conf\n@/b/dc2/os1/published.conf\n`);
  });

  it("quotes a path with blanks", () => {
    expect(renderInclude(["/my dir/x"])).toBe(`${HEAD}@"/my dir/x"\n`);
  });

  it.each(["/a\n@/etc/passwd", "/a\r", '/a"b', "/a\\b", "/a;b", "/a#b", "|sh -c x", "/é", "/a@b", "/a\tb", ""])(
    "refuses %j, which the Director's lexer would act on",
    (path) => {
      expect(() => renderInclude(["/good", path])).toThrow(UnsafePathError);
    },
  );

  it("is as many lines as there are paths, or refused", () => {
    fc.assert(
      fc.property(fc.array(anyPath, { maxLength: 4 }), (paths) => {
        const sound = paths.every((path) => /^[A-Za-z0-9/:._ -]+$/.test(path));
        expect(linesOf(paths)).toBe(sound ? new Set(paths).size : "refused");
      }),
    );
  });
});

function linesOf(paths: readonly string[]): number | "refused" {
  try {
    return renderInclude(paths).match(/^@/gm)?.length ?? 0;
  } catch (error) {
    if (error instanceof UnsafePathError) return "refused";
    throw error;
  }
}
