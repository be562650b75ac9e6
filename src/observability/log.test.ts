import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createLog } from "./log.ts";

function logged(format: "text" | "json", work: (log: ReturnType<typeof createLog>) => void): string {
  let text = "";
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  work(createLog("info", format, output));
  return text;
}

describe("the log", () => {
  it("is one JSON document a line, with the error's code and cause, and without secrets", () => {
    const cause = new Error("refused");
    const text = logged("json", (log) =>
      log
        .child({ client: "dc1" })
        .warn(
          { err: Object.assign(new Error("away", { cause }), { code: "Unreachable" }), password: "bacpw" },
          "catalog away",
        ),
    );
    expect(JSON.parse(text)).toMatchObject({
      level: "warn",
      client: "dc1",
      msg: "catalog away",
      err: { code: "Unreachable", cause: { message: "refused" } },
    });
    expect(text).not.toContain("bacpw");
  });
  it("is a line for people, in which no value can pass for another line or field", () => {
    const text = logged("text", (log) =>
      log.info({ vm: "x\nERROR y=1", slug: "web01", err: new Error("disk full") }, "written"),
    );
    expect(text).toMatch(/^\S+Z INFO {2}written vm="x\\nERROR y=1" slug=web01 err="disk full"\n$/);
  });
  it("keeps to its level", () => {
    expect(logged("text", (log) => log.debug({}, "detail"))).toBe("");
  });
});
