/** What points buy: rewards to take and, at checkout, to use at once. */
import { useState } from "preact/hooks";
import {
  day,
  lastDay,
  say,
  type Donation,
  type Member,
  type Prize,
  type Redemption,
  type Reward,
  type Slot,
} from "./api";
import { Notes, useDonations } from "./Notes";
import { giveBack, take } from "./redeeming";
import { becameOf, isTold, useWishes } from "./wishes";

export const GIFT_CARD = "gift_card";

/** The way to an order's codes and gift cards; there is none but at checkout. */
export interface Order {
  /** Whether rewards of this kind can be used in it. */
  suits(kind: string): boolean;
  holds(redemption: Redemption): boolean;
  /** Whether the order takes the reward. */
  use(redemption: Redemption): Promise<boolean>;
  drop(redemption: Redemption): Promise<boolean>;
}

interface Props {
  member: Member;
  refresh(): Promise<void>;
  order?: Order;
}

export function Rewards({ member, refresh, order }: Props) {
  const [told, tell] = useState("");
  const [busy, setBusy] = useState(false);
  const { wishes, keep } = useWishes(member, refresh);
  const usable = member.redemptions.filter((one) => one.state === "granted" && one.code);
  const suits = ({ kind }: { kind: string }) => !order || order.suits(kind);
  const rewards = member.rewards.filter(suits);
  const donations = useDonations(rewards);

  async function act(work: () => Promise<string>) {
    setBusy(true);
    tell(say("one_moment"));
    tell(await work().catch(() => say("not_now")));
    await refresh();
    setBusy(false);
  }

  async function taken(
    what: Reward | Prize,
    points: number | null,
    slot: string | null,
    prize?: string,
  ) {
    const redemption = await take(what, points, slot, prize);
    if (isTold(redemption)) {
      keep([redemption]);
      return "";
    }
    return order ? used(order, redemption) : becameOf(redemption);
  }

  return (
    <s-stack gap="base">
      <s-stack accessibilityRole="status">
        {told && <s-text>{told}</s-text>}
        {wishes.filter(isTold).map((one) => (
          <Wished
            key={one.id}
            redemption={one}
            busy={busy}
            onGiveBack={() => act(() => returned(one, order))}
          />
        ))}
      </s-stack>
      {usable.map((one) => (
        <Usable
          key={one.id}
          redemption={one}
          busy={busy}
          inUse={!!order?.holds(one)}
          onUse={order?.suits(one.kind) && (() => act(() => used(order, one)))}
          onGiveBack={() => act(() => returned(one, order))}
        />
      ))}
      {member.prizes.filter(suits).map((one) => (
        <Won
          key={`${one.prize} ${one.id}`}
          prize={one}
          busy={busy}
          onTake={(slot) => act(() => taken(one, null, slot, one.prize))}
        />
      ))}
      {rewards.map((one) => (
        <Offer
          key={one.id}
          reward={one}
          given={donations.find(({ reward_id }) => reward_id === one.id)}
          available={member.available}
          busy={busy}
          onTake={(points, slot) => act(() => taken(one, points, slot))}
        />
      ))}
    </s-stack>
  );
}

interface WonProps {
  prize: Prize;
  busy: boolean;
  onTake(slot: string | null): void;
}

function Won({ prize, busy, onTake }: WonProps) {
  const { name, won_with, description, terms, available, reason } = prize;
  const date = useDate(prize);
  return (
    <s-stack gap="small-200">
      <s-text type="strong">{name}</s-text>
      <Notes
        description={[won_with, description].filter(Boolean).join(": ")}
        terms={terms}
      />
      {date.field}
      {available ? (
        <s-button
          accessibilityLabel={say("take_won_label", { reward: name })}
          disabled={busy}
          onClick={() => onTake(date.slot)}
        >
          {say("take_won")}
        </s-button>
      ) : (
        <s-text color="subdued">{reason}</s-text>
      )}
    </s-stack>
  );
}

interface OfferProps {
  reward: Reward;
  given?: Donation;
  available: number;
  busy: boolean;
  onTake(points: number | null, slot: string | null): void;
}

function Offer({ reward, given, available, busy, onTake }: OfferProps) {
  const { name, points_cost: least, step } = reward;
  const most = Math.min(reward.points_max ?? available, available);
  const [chosen, choose] = useState(least);
  const date = useDate(reward);
  // What is written may be anything; what is sent is a step between least and most.
  const points = step
    ? Math.max(least, Math.floor(Math.min(chosen, most) / step) * step || least)
    : least;
  return (
    <s-stack gap="small-200">
      <s-text type="strong">{name}</s-text>
      <Notes description={reward.description} terms={reward.terms} given={given} />
      {step && reward.available && (
        <s-number-field
          label={say("how_many", { reward: name })}
          min={least}
          max={most}
          step={step}
          value={String(chosen)}
          onChange={({ currentTarget }) => choose(Number(textOf(currentTarget)))}
        />
      )}
      {date.field}
      {reward.available ? (
        <s-button
          accessibilityLabel={say("take_label", { reward: name })}
          disabled={busy}
          onClick={() => onTake(step ? points : null, date.slot)}
        >
          {say("take", { count: points })}
        </s-button>
      ) : (
        <s-text color="subdued">{reward.reason}</s-text>
      )}
    </s-stack>
  );
}

interface Dated {
  name: string;
  available: boolean;
  slots?: Slot[];
}

/** A choice of dates where there are any: the first, until another is chosen. */
function useDate({ name, available, slots = [] }: Dated) {
  const [chosen, choose] = useState<string>();
  if (!available || !slots.length) return { slot: null };
  const { starts_at: slot } = slots.find((one) => one.starts_at === chosen) ?? slots[0];
  const field = (
    <s-select
      label={say("which_date", { reward: name })}
      value={slot}
      onChange={({ currentTarget }) => choose(textOf(currentTarget))}
    >
      {slots.map(({ starts_at }) => (
        <s-option key={starts_at} value={starts_at}>
          {day(starts_at, "short")}
        </s-option>
      ))}
    </s-select>
  );
  return { slot, field };
}

/** What a field holds; each place that we are shown in has fields of its own. */
function textOf(field: unknown): string {
  return (field as { value: string }).value;
}

interface UsableProps {
  redemption: Redemption;
  busy: boolean;
  inUse: boolean;
  onUse?: (() => void) | false;
  onGiveBack(): void;
}

function Usable({ redemption, busy, inUse, onUse, onGiveBack }: UsableProps) {
  const { name, code, can_cancel, valid_until } = redemption;
  return (
    <s-stack gap="small-200">
      <s-text type="strong">
        {inUse ? say("in_use", { reward: name }) : `${name}: ${code}`}
      </s-text>
      {valid_until && (
        <s-text color="subdued">{say("until", { day: lastDay(valid_until, "short") })}</s-text>
      )}
      {onUse && !inUse && (
        <s-button
          accessibilityLabel={say("use_label", { reward: name })}
          disabled={busy}
          onClick={onUse}
        >
          {say("use")}
        </s-button>
      )}
      {can_cancel && <GiveBack name={name} busy={busy} onClick={onGiveBack} />}
    </s-stack>
  );
}

interface WishedProps {
  redemption: Redemption;
  busy: boolean;
  onGiveBack(): void;
}

/** What is not there yet, or will not be. */
function Wished({ redemption, busy, onGiveBack }: WishedProps) {
  const { name, can_cancel } = redemption;
  return (
    <s-stack gap="small-200">
      <s-text>{becameOf(redemption)}</s-text>
      {can_cancel && <GiveBack name={name} busy={busy} onClick={onGiveBack} />}
    </s-stack>
  );
}

interface GiveBackProps {
  name: string;
  busy: boolean;
  onClick(): void;
}

function GiveBack({ name, busy, onClick }: GiveBackProps) {
  return (
    <s-button
      variant="secondary"
      accessibilityLabel={say("give_back_label", { reward: name })}
      disabled={busy}
      onClick={onClick}
    >
      {say("give_back")}
    </s-button>
  );
}

/** Points are never spent on what the order does not take; a gift card keeps its worth. */
async function used(order: Order, redemption: Redemption): Promise<string> {
  const { id, kind, name, points, code, can_cancel } = redemption;
  if (!code) return becameOf(redemption);
  if (await order.use(redemption)) return say("is_applied", { reward: name });
  if (kind === GIFT_CARD) return becameOf(redemption);
  if (can_cancel) await giveBack(id);
  return points ? say("not_taken", { reward: name }) : say("won_not_taken", { reward: name });
}

async function returned(redemption: Redemption, order?: Order): Promise<string> {
  const { id, name, points } = redemption;
  if (order?.holds(redemption)) await order.drop(redemption);
  const now = await giveBack(id);
  // The wishes tell of it, until it is back.
  if (isTold(now)) return "";
  if (now.state !== "ended") return say("one_moment");
  return points ? say("is_back", { reward: name }) : say("won_is_back", { reward: name });
}
