/** How many points there are, until when, and the way to the next reward. */
import { day, say, type Ending, type Expiring, type Member } from "./api";

const DAY_MS = 864e5;

export function Balance({ member }: { member: Member }) {
  const next = member.next_reward;
  const far = next && say("to_reward", { count: next.points_needed, reward: next.name });
  return (
    <s-stack gap="small-200">
      <s-text type="strong">{say("you_have", { count: member.available })}</s-text>
      {member.expiring && <Soon soon={member.expiring} lapsing={member.lapsing} />}
      {member.pending > 0 && <s-text>{say("pending", { count: member.pending })}</s-text>}
      {far && <s-progress accessibilityLabel={far} value={next.progress} max={1} />}
      {member.rewards.length > 0 && <s-text>{far || say("best_reward")}</s-text>}
    </s-stack>
  );
}

/** What ends soon, and what keeps it; all of the day that is told is in time. */
function Soon({ soon, lapsing }: { soon: Expiring; lapsing: Ending | null }) {
  const told = [say("expiring", { count: soon.points, day: day(soon.at) })];
  if (lapsing) {
    const kept = { count: lapsing.points, day: day(Date.parse(lapsing.at) - DAY_MS) };
    const isAll = lapsing.points === soon.points;
    told.push(isAll ? say("keep_all", kept) : say("keep_some", kept));
  }
  return <s-text>{told.join(". ")}</s-text>;
}
