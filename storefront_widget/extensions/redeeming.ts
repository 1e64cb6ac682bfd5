/** From a wish for a reward to its code, and back. */
import { ask, wait, type Redemption } from "./api";

// The store makes a reward within a moment, as a rule.
const PAUSES_MS = [300, 500, 700, 1000, 1500, 2000, 4000];
const UNDECIDED = ["waiting", "granting"];

/** A wish by what was chosen, and what was last heard of it. */
interface Wish {
  request_id: string;
  told?: Redemption;
}

// Kept until it is decided: the same click is the same wish, and costs points once.
const wishes = new Map<string, Wish>();

export async function take(
  { id: reward_id, name }: { id: string; name: string },
  points: number | null,
  slot: string | null,
  prize: string | null = null,
): Promise<Redemption> {
  const chosen = `${reward_id} ${points} ${slot} ${prize}`;
  const wish: Wish = wishes.get(chosen) ?? { request_id: crypto.randomUUID() };
  wishes.set(chosen, wish);
  const { request_id } = wish;
  // Until somebody has looked at it, a wish does not know what it is for.
  const named = (told: Redemption) => ({ ...told, name: told.name || name });
  const body = { request_id, reward_id, points, slot, prize };
  wish.told = named(await ask("redemptions", body));
  wish.told = named(await follow(wish.told, UNDECIDED));
  if (isDecided(wish.told)) wishes.delete(chosen);
  return wish.told;
}

/** What became of the wishes that were undecided when they were last looked at. */
export function news(): Promise<Redemption[]> {
  const open = [...wishes].filter(([, { told }]) => told);
  return Promise.all(
    open.map(async ([chosen, { told }]) => {
      const now = await ask<Redemption>(`redemptions/${told!.id}`);
      if (isDecided(now)) wishes.delete(chosen);
      return { ...now, name: now.name || told!.name };
    }),
  );
}

/** A standing may tell of what is decided before the wish itself does. */
export function hear(listed: Redemption[]): void {
  for (const [chosen, { told }] of wishes) {
    if (listed.some((one) => one.id === told?.id && isDecided(one))) wishes.delete(chosen);
  }
}

export function isDecided({ state }: Redemption): boolean {
  return !UNDECIDED.includes(state);
}

export async function giveBack(id: string): Promise<Redemption> {
  const told = await ask<Redemption>(`redemptions/${id}/cancel`, {});
  return told.state === "ended" ? told : follow(told, [told.state, "ending"]);
}

async function follow(told: Redemption, undecided: string[]): Promise<Redemption> {
  for (const pause of PAUSES_MS) {
    if (!undecided.includes(told.state)) break;
    await wait(pause);
    told = await ask<Redemption>(`redemptions/${told.id}`);
  }
  return told;
}
