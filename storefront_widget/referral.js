/** Friends: a member's link, and whose link led here, kept until it can be claimed. */
import { make } from "./element.js";
import { send } from "./standing.js";
import { say } from "./texts.js";

const CODE = "tallymark-friend";
const OWN = "tallymark-own";
const BROWSER = "tallymark-browser";

/** Keep the code that a friend's link put into the page's address. */
function arrive() {
  const url = new URL(location);
  const code = url.searchParams.get("tallymark_friend");
  if (!code) return;
  url.searchParams.delete("tallymark_friend");
  history.replaceState(history.state, "", url);
  localStorage[CODE] = code;
  localStorage[BROWSER] ??= crypto.randomUUID();
}

/** Claim whose link led here, as soon as somebody is signed in. */
export async function befriend(proxy, { signed_in, referral }) {
  try {
    const code = localStorage[CODE];
    const own = localStorage[OWN];
    if (referral) localStorage[OWN] = referral.code;
    if (!signed_in || !code) return;
    delete localStorage[CODE];
    if (referral?.code === code) return;
    const claim = { code, device: localStorage[BROWSER], is_own_browser: own === code };
    try {
      await send(`${proxy}/referrals`, claim);
      document.dispatchEvent(new Event("tallymark:refresh"));
    } catch (error) {
      // What was refused will be again; all else is tried on the next page.
      if (!/^4/.test(error.message)) localStorage[CODE] = code;
      throw error;
    }
  } catch (error) {
    console.debug(error);
  }
}

/** What a friend is told who has not signed in yet. */
export function welcome({ gift, signed_in }) {
  try {
    return !signed_in && gift && localStorage[CODE] ? say("welcome", 0, gift) : "";
  } catch {
    return "";
  }
}

/** A member's link to pass on, and what came of it. */
export function friends({ referral }, proxy, status) {
  if (!referral) return [];
  const { code, points, gift, friends, pending } = referral;
  const value = new URL(`${proxy}/r/${code}`, location).href;
  const link = make("input", { readonly: "", value, "aria-label": say("your_link") });
  const button = make("button", {}, say("copy"));
  button.onclick = async () => {
    link.select();
    await navigator.clipboard?.writeText(value).catch(console.debug);
    status.textContent = say("copied");
  };
  const both = gift ? say("friend_gets", 0, gift) : "";
  const came = [say("friends", friends), pending > 0 && say("pending", pending)];
  const told = make("small", {}, [both, ...came].filter(Boolean).join(" · "));
  return [make("li", {}, make("span", {}, say("you_get", points), told), link, button)];
}

try {
  arrive();
} catch (error) {
  console.debug(error);
}
