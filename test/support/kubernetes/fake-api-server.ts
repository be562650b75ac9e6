import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** One request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

type Handler = (request: Arrived, response: ServerResponse) => void;

/** HTTP on loopback, for the faults that a real API server cannot be made to show. */
export class FakeApiServer {
  readonly arrived: Arrived[] = [];
  /** TCP connections that were ever opened. */
  connections = 0;
  handler: Handler;
  readonly #server: Server;

  private constructor(handler: Handler) {
    this.handler = handler;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        const { method = "", url = "", headers } = request;
        const arrived = { method, url, headers, body: Buffer.concat(chunks).toString() };
        this.arrived.push(arrived);
        this.handler(arrived, response);
      });
    });
    this.#server.on("connection", () => {
      this.connections += 1;
    });
  }

  static async start(handler: Handler): Promise<FakeApiServer> {
    const fake = new FakeApiServer(handler);
    await new Promise<void>((resolve) => fake.#server.listen(0, "127.0.0.1", resolve));
    return fake;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${typeof address === "object" ? address?.port : address}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }
}

export function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(body));
}
