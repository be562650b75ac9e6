import { randomInt } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { execa } from "execa";
import { describe, expect, it } from "vitest";
import { freePorts, type PortRange } from "./free-ports.ts";

const MODULE = pathToFileURL(join(import.meta.dirname, "free-ports.ts")).href;
/** 20 ports below those of beds; another place each time, so that two runs of this test seldom meet. */
function someRange(): PortRange {
  const first = randomInt(10_000, 19_900);
  return { first, last: first + 19 };
}

/** In a process of its own, which has ended when this resolves. */
async function freePortsElsewhere(count: number, range: PortRange): Promise<number[]> {
  const program = `
    import { freePorts } from ${JSON.stringify(MODULE)};
    console.log(JSON.stringify(await freePorts(${count}, ${JSON.stringify(range)})));`;
  const { stdout } = await execa(process.execPath, ["--input-type=module", "--eval", program]);
  return JSON.parse(stdout) as number[];
}

describe("a port that was given", () => {
  it("is not given again by this process, also while nobody listens on it", async () => {
    const range = someRange();
    const ports = [...(await freePorts(8, range)), ...(await freePorts(8, range))];
    expect(new Set(ports).size).toBe(16);
    await expect(freePorts(8, range)).rejects.toThrow("free loopback ports of 8");
  });

  it("is not given by another process as long as this one lives, and can be had after its end", async () => {
    const range = someRange();
    expect(await freePortsElsewhere(8, range)).toHaveLength(8);
    expect(await freePorts(16, range)).toHaveLength(16);
    await expect(freePortsElsewhere(8, range)).rejects.toThrow("free loopback ports of 8");
  });
});

it("gives no port that somebody listens on who has claimed nothing", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const { port } = server.address() as AddressInfo;
    await expect(freePorts(1, { first: port, last: port })).rejects.toThrow("found only 0 free loopback ports of 1");
  } finally {
    server.close();
  }
});
