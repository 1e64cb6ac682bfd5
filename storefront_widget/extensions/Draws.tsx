/** Draws: what was promised before them, a member's own entries, and who won. */
import { useEffect, useState } from "preact/hooks";
import { ask, day, lastDay, say, type Draw, type Giveaway, type Member } from "./api";

const isEntry = ({ kind }: { kind: string }) => kind === "giveaway_entry";

export function Draws({ member }: { member: Member }) {
  const giveaways = useGiveaways(member);
  if (!giveaways.length) return null;
  return (
    <s-section heading={say("draws")}>
      {giveaways.map((one) => (
        <s-stack key={one.reward_id} gap="small-200">
          <s-text type="strong">{one.prize}</s-text>
          {one.draws.map((draw) => (
            <Lines key={draw.commitment} lines={drawn(draw)} />
          ))}
          <Lines lines={next(one)} />
        </s-stack>
      ))}
    </s-section>
  );
}

/** Asked where anything can be entered or was, and again once something else was. */
function useGiveaways({ rewards, redemptions }: Member): Giveaway[] {
  const [giveaways, setGiveaways] = useState<Giveaway[]>([]);
  const taken = redemptions.filter(isEntry).map(({ id, state }) => id + state);
  const isAny = taken.length > 0 || rewards.some(isEntry);
  useEffect(() => {
    if (!isAny) return;
    ask<{ giveaways: Giveaway[] }>("giveaways")
      .then((told) => setGiveaways(told.giveaways))
      .catch(console.debug);
  }, [isAny, taken.join()]);
  return giveaways;
}

function Lines({ lines }: { lines: (string | false | null)[] }) {
  return <>{lines.map((line) => line && <s-text key={line}>{line}</s-text>)}</>;
}

function drawn({ drawn_at, commitment, seed, winners, own_entries, is_won }: Draw) {
  return [
    say("drawn_on", { day: day(drawn_at) }),
    is_won && say("you_won"),
    !is_won && own_entries.length > 0 && say("not_won"),
    own(own_entries),
    say("won_by", { entries: winners.join(", ") }),
    say("promise", { hash: commitment }),
    say("seed", { seed }),
  ];
}

function next({ ends_at, is_open, commitment, entries, own_entries }: Giveaway) {
  if (!is_open && !commitment && !entries) return [];
  return [
    ends_at ? say("drawn_after", { day: lastDay(ends_at) }) : say("no_day"),
    say("all_entries", { count: entries }),
    own(own_entries),
    commitment ? say("promise", { hash: commitment }) : say("no_promise"),
  ];
}

function own(entries: string[]) {
  return entries.length > 0 && say("own_entries", { entries: entries.join(", ") });
}
