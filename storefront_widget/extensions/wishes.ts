/** What was wished for and is not there yet, and what became of it in words. */
import { useEffect, useState } from "preact/hooks";
import { say, type Member, type Redemption } from "./api";
import { hear, news } from "./redeeming";

const OPEN = ["waiting", "granting", "asked", "ending"];
// A store that is away may be back soon, or in a day.
const PAUSE_MS = { least: 10_000, most: 300_000 };
const REFUSALS_TOLD_MS = 7 * 864e5;

/**
 * All wishes of a member, newest first: those that the standing lists, and those that
 * were made here and that it does not know of. While any is open, both are asked again.
 */
export function useWishes({ redemptions }: Member, refresh: () => Promise<void>) {
  const [own, setOwn] = useState<Redemption[]>([]);
  const [looks, setLooks] = useState(0);
  hear(redemptions);
  const listed = new Set(redemptions.map(({ id }) => id));
  const wishes = [...own.filter(({ id }) => !listed.has(id)), ...redemptions];
  const isWaiting = wishes.some(({ state }) => OPEN.includes(state));
  const keep = (found: Redemption[]) =>
    setOwn((before) => [
      ...found,
      ...before.filter(({ id }) => !found.some((one) => one.id === id)),
    ]);

  useEffect(() => {
    if (!isWaiting) return setLooks(0);
    const pause = Math.min(PAUSE_MS.least * 2 ** looks, PAUSE_MS.most);
    const timer = setTimeout(async () => {
      keep(await news().catch(() => []));
      await refresh();
      setLooks(looks + 1);
    }, pause);
    return () => clearTimeout(timer);
  }, [isWaiting, looks]);

  return { wishes, keep };
}

/** Whether a wish is told of though it is nothing to be used: open, or refused lately. */
export function isTold({ state, requested_at: at }: Redemption): boolean {
  const isLate = at && Date.now() - Date.parse(at) > REFUSALS_TOLD_MS;
  return OPEN.includes(state) || (state === "refused" && !isLate);
}

export function becameOf({ name, code, state, reason, points }: Redemption): string {
  const reward = name;
  switch (state) {
    case "waiting":
    case "granting":
      return say("is_made", { reward });
    case "asked":
      return say("is_asked", { reward });
    case "ending":
      return say("is_ending", { reward });
    case "refused":
      return points
        ? say("is_refused", { reward, reason })
        : say("won_is_refused", { reward, reason });
    case "ended":
      return say("is_over", { reward });
  }
  return code ? say("is_granted", { reward, code }) : say("is_yours", { reward });
}
