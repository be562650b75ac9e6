import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the kernel's range of outgoing ports (32768 on), so that no client's connection takes a port meanwhile. */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_000;

/** As many different loopback ports as asked for, each free at this moment; chosen at random so that beds don't meet. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; ports.size < count; attempt += 1) {
    if (attempt > 1_000) throw new Error(`found only ${ports.size} free loopback ports of ${count}`);
    const port = randomInt(FIRST_PORT, LAST_PORT);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}
