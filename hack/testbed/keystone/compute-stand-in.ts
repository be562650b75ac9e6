import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/**
 * Answers `GET <endpoint>/servers?limit=1` in Nova's place: 401 for a token that Keystone does not know, else `servers`,
 * or what `refuseWith` says.
 */
export class ComputeStandIn {
  readonly #authUrl: string;
  readonly #server: Server;
  servers: readonly { readonly id: string; readonly name: string }[] = [{ id: "1111", name: "web01" }];
  refuseWith: number | undefined;
  /** Every token that came, to see whether it was revoked afterwards. */
  readonly tokens: string[] = [];

  constructor(authUrl: string) {
    this.#authUrl = authUrl;
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.writeHead(500).end());
    });
  }

  listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, "127.0.0.1", resolve);
      this.#server.unref();
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Whether Keystone still takes the token. */
  async isValid(token: string): Promise<boolean> {
    const headers = { "X-Auth-Token": token, "X-Subject-Token": token };
    return (await fetch(`${this.#authUrl}/auth/tokens`, { headers })).ok;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const token = String(request.headers["x-auth-token"] ?? "");
    this.tokens.push(token);
    const isWhatIsAsked = request.url === "/v2.1/servers?limit=1";
    const status = (await this.isValid(token)) ? (this.refuseWith ?? (isWhatIsAsked ? 200 : 404)) : 401;
    const body = status === 200 ? { servers: this.servers.slice(0, 1) } : { error: { code: status } };
    response.writeHead(status, { "Content-Type": "application/json" }).end(JSON.stringify(body));
  }
}
