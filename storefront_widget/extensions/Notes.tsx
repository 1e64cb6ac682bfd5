/** What is told below the name of a reward: what it is, and what holds for it then. */
import { useEffect, useState } from "preact/hooks";
import { ask, lastDay, money, say, type Donation, type Terms, type Reward } from "./api";

type Told = Pick<Reward, "description" | "terms">;

export function Notes({ description, terms, given }: Told & { given?: Donation }) {
  const notes = [
    description,
    terms && inWords(terms),
    given && say("given", { amount: money(given.given) }),
  ];
  return <>{notes.map((note) => note && <s-text color="subdued">{note}</s-text>)}</>;
}

function inWords(terms: Terms): string {
  const { order_amount_min, order_share_max, valid_days, ends_at, unused_returns } = terms;
  const told = [
    order_amount_min && say("on_orders", { amount: money(order_amount_min) }),
    order_share_max && say("share", { percent: order_share_max }),
    valid_days && say("valid", { count: valid_days }),
    ends_at && say("offered", { day: lastDay(ends_at) }),
    !unused_returns && say("unused"),
  ];
  return told.filter(Boolean).join(" · ");
}

/** What causes were given so far, asked for where there is any to give to. */
export function useDonations(rewards: Reward[]): Donation[] {
  const [donations, setDonations] = useState<Donation[]>([]);
  const isAny = rewards.some(({ kind }) => kind === "donation");
  useEffect(() => {
    if (!isAny) return;
    ask<{ donations: Donation[] }>("donations")
      .then((told) => setDonations(told.donations))
      .catch(console.debug);
  }, [isAny]);
  return donations;
}
