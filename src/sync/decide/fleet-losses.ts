/** How many VMs a client has and began to miss in the last 24 hours. */
export interface FleetLoss {
  readonly known: number;
  readonly missingLately: number;
}

/** What the clients of this process lost lately, to notice a loss that they have in common (rule 2). */
export class FleetLosses {
  readonly #clients = new Map<string, FleetLoss>();

  record(client: string, loss: FleetLoss): void {
    this.#clients.set(client, loss);
  }

  /** All clients but this one, together. */
  ofOthers(client: string): FleetLoss {
    let known = 0;
    let missingLately = 0;
    for (const [name, loss] of this.#clients) {
      if (name === client) continue;
      known += loss.known;
      missingLately += loss.missingLately;
    }
    return { known, missingLately };
  }
}
