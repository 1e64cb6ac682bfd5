/** Beside orders and profile in the account: the balance, and the way to the page. */
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { say } from "../../api";
import { Balance } from "../../Balance";
import { useStanding } from "../../standing";
import { Unreachable } from "../../Unreachable";

// The extension of the page, by its handle.
const PAGE = "extension:tallymark-page/";

export default async () => {
  render(<AccountBlock />, document.body);
};

function AccountBlock() {
  const { standing } = useStanding();
  if (standing === undefined) return <s-skeleton-paragraph />;
  if (standing === null) return <Unreachable />;
  if (!standing.signed_in) return null;
  return (
    <s-section heading={say("rewards")}>
      <s-stack gap="base">
        <Balance member={standing} />
        <s-link href={PAGE}>{say("your_rewards")}</s-link>
      </s-stack>
    </s-section>
  );
}
