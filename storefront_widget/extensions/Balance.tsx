/** How many points there are, and the way to the next reward. */
import { say, type Member } from "./api";

export function Balance({ member }: { member: Member }) {
  const next = member.next_reward;
  const far = next && say("to_reward", { count: next.points_needed, reward: next.name });
  return (
    <s-stack gap="small-200">
      <s-text type="strong">{say("you_have", { count: member.available })}</s-text>
      {member.pending > 0 && <s-text>{say("pending", { count: member.pending })}</s-text>}
      {far && <s-progress accessibilityLabel={far} value={next.progress} max={1} />}
      {member.rewards.length > 0 && <s-text>{far || say("best_reward")}</s-text>}
    </s-stack>
  );
}
