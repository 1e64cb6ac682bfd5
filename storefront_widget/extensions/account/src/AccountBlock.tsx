/** Beside orders and profile in the account: the balance. */
import "@shopify/ui-extensions/preact";
import { render } from "preact";
import { say } from "../../api";
import { Balance } from "../../Balance";
import { useStanding } from "../../standing";
import { Unreachable } from "../../Unreachable";

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
      <Balance member={standing} />
    </s-section>
  );
}
