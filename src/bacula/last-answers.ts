import type { Discovery } from "../domain/discovery/discovery.ts";
import { parseAnswer } from "../domain/discovery/parse-answer.ts";

interface LastAnswer {
  readonly text: string;
  readonly allowEmpty: boolean;
  readonly discovery: Discovery;
}

/** Reads answers of `.query`; one that says word for word what the client's last one said is not read again. */
export class LastAnswers {
  readonly #byClient = new Map<string, LastAnswer>();

  read(client: string, text: string, allowEmpty: boolean): Discovery {
    const last = this.#byClient.get(client);
    if (last !== undefined && last.allowEmpty === allowEmpty && last.text === text) return last.discovery;
    const discovery = parseAnswer(text, { allowEmpty });
    this.#byClient.set(client, { text, allowEmpty, discovery });
    return discovery;
  }
}
