/** From a wish for a reward to its code, and back. */
import { ask, wait, type Redemption } from "./api";

// The store makes a reward within a moment, as a rule.
const PAUSES_MS = [300, 500, 700, 1000, 1500, 2000, 4000];

// A click that failed and is made again is the same wish, and costs points once.
const requests = new Map<string, string>();

export async function take(
  reward_id: string,
  points: number | null,
  prize: string | null = null,
): Promise<Redemption> {
  const wish = `${reward_id} ${points} ${prize}`;
  const request_id = requests.get(wish) ?? crypto.randomUUID();
  requests.set(wish, request_id);
  const told = await ask<Redemption>("redemptions", { request_id, reward_id, points, prize });
  const decided = await follow(told, ["waiting", "granting"]);
  requests.delete(wish);
  return decided;
}

export async function giveBack(id: string): Promise<Redemption> {
  const told = await ask<Redemption>(`redemptions/${id}/cancel`, {});
  return follow(told, [told.state, "ending"]);
}

async function follow(told: Redemption, undecided: string[]): Promise<Redemption> {
  for (const pause of PAUSES_MS) {
    if (!undecided.includes(told.state)) break;
    await wait(pause);
    told = await ask<Redemption>(`redemptions/${told.id}`);
  }
  return told;
}
