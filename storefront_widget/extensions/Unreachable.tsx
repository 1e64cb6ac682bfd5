/** Where the app does not answer: a hint in the editor, nothing for shoppers. */
import { hint } from "./api";

export function Unreachable() {
  const heading = hint();
  return heading ? <s-banner heading={heading} tone="warning" /> : null;
}
