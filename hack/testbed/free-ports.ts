import { randomInt } from "node:crypto";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below the kernel's range of outgoing ports (32768 on), so that no client's connection takes a port meanwhile. */
const BED_PORTS: PortRange = { first: 20_000, last: 31_999 };

export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/**
 * As many loopback ports as asked for, which nobody listens on and which nobody else is given as long as this process
 * lives: a daemon that is stopped finds its port free when it is started again, whatever other beds start meanwhile.
 *
 * The claim to a TCP port is the UDP port of the same number, which no part of a bed uses: the kernel gives it to one
 * process only, on the whole machine, and takes it back however that ends. Throws when the range has not as many.
 */
export async function freePorts(count: number, { first, last } = BED_PORTS): Promise<number[]> {
  const ports: number[] = [];
  const size = last - first + 1;
  // From a random place on, so that processes seldom try for the same.
  const start = randomInt(size);
  for (let step = 0; step < size && ports.length < count; step += 1) {
    const port = first + ((start + step) % size);
    if ((await claim(port)) && (await isFree(port))) ports.push(port);
  }
  if (ports.length < count) throw new Error(`found only ${ports.length} free loopback ports of ${count}`);
  return ports;
}

/** False when another has it. It ends with this process, and does not keep it alive. */
async function claim(port: number): Promise<boolean> {
  const socket = createSocket("udp4");
  try {
    socket.bind({ port, address: "127.0.0.1", exclusive: true });
    await once(socket, "listening");
  } catch {
    socket.close();
    return false;
  }
  socket.unref();
  return true;
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
