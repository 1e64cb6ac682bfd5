/** The member's own page in the account: balance, rewards, tier, friends, history. */
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { day, lastDay, say, type Ending, type Member, type Tier } from "../../api";
import { Balance } from "../../Balance";
import { Draws } from "../../Draws";
import { Rewards } from "../../Rewards";
import { useStanding } from "../../standing";
import { Unreachable } from "../../Unreachable";

declare const shopify: import("@shopify/ui-extensions/customer-account.page.render").Api;

export default async () => {
  render(<AccountPage />, document.body);
};

function AccountPage() {
  const { standing, refresh } = useStanding();
  return (
    <s-page heading={say("rewards")}>
      {standing === undefined && <s-skeleton-paragraph />}
      {standing === null && <s-text>{say("not_now")}</s-text>}
      {standing === null && <Unreachable />}
      {standing?.signed_in === false && <s-text>{say("sign_in")}</s-text>}
      {standing?.signed_in && <Sections member={standing} refresh={refresh} />}
    </s-page>
  );
}

function Sections({ member, refresh }: { member: Member; refresh(): Promise<void> }) {
  const { expiring, tier, next_tier, referral, history } = member;
  return (
    <s-stack gap="large">
      <s-section>
        <Balance member={member} />
        {expiring && expiring.lots.length > 1 && <Lots lots={expiring.lots} />}
        {tier && <s-text>{held(tier)}</s-text>}
        {tier?.to_stay && <s-text>{tier.to_stay}</s-text>}
        {next_tier && <s-text>{next_tier.missing}</s-text>}
      </s-section>
      <s-section heading={say("your_rewards")}>
        <Rewards member={member} refresh={refresh} />
      </s-section>
      <Draws member={member} />
      {referral && (
        <s-section heading={say("bring_a_friend")}>
          <s-text>{say("your_code", { code: referral.code })}</s-text>
        </s-section>
      )}
      <s-section heading={say("history")}>
        {history.length ? (
          <s-unordered-list>
            {history.map(({ text, points, at }) => (
              <s-list-item key={at + text}>
                {`${text} · ${signed(points)} · ${day(at)}`}
              </s-list-item>
            ))}
          </s-unordered-list>
        ) : (
          <s-text>{say("nothing_yet")}</s-text>
        )}
      </s-section>
    </s-stack>
  );
}

/** From when on the points of each lot are gone. */
function Lots({ lots }: { lots: Ending[] }) {
  return (
    <s-unordered-list>
      {lots.map(({ points, at }) => (
        <s-list-item key={at}>{`${say("points", { count: points })} · ${day(at)}`}</s-list-item>
      ))}
    </s-unordered-list>
  );
}

/** What it takes to stay says until when by itself. */
function held({ name, until, to_stay }: Tier): string {
  if (!until || to_stay) return say("tier", { tier: name });
  return say("tier_until", { tier: name, day: lastDay(until) });
}

function signed(points: number): string {
  return shopify.i18n.formatNumber(points, { signDisplay: "exceptZero" });
}
