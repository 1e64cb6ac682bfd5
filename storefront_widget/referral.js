/** Whose link or code brought somebody, kept until it can be claimed, and whose browser it is. */
import { refresh, send } from "./element.js";

const CODE = "tallymark-friend";
const OWN = "tallymark-own";
const BROWSER = "tallymark-browser";
let kept = {};

try {
  kept = localStorage ?? kept;
  const url = new URL(location);
  const code = url.searchParams.get("tallymark_friend");
  if (code) {
    url.searchParams.delete("tallymark_friend");
    history.replaceState(history.state, "", url);
    keep(code);
  }
} catch (error) {
  console.debug(error);
}

export const isFriend = () => CODE in kept;

/** Keep a friend's code until somebody is signed in. */
export function keep(code) {
  kept[CODE] = code;
}

export function claim(proxy, code) {
  const device = (kept[BROWSER] ??= crypto.randomUUID());
  return send(`${proxy}/referrals`, { code, device, is_own_browser: kept[OWN] === code });
}

/** Claim whose link led here, as soon as somebody is signed in; what speaks against it. */
export async function befriend(proxy, { signed_in, referral }) {
  const { [CODE]: code } = kept;
  try {
    if (referral) kept[OWN] = referral.code;
    if (!signed_in || !code) return;
    delete kept[CODE];
    if (referral?.code === code) return;
    const { reason } = await claim(proxy, code);
    refresh();
    return reason && `${code}: ${reason}`;
  } catch (error) {
    console.debug(error);
    // What was not refused is tried on the next page.
    if (code && !/^4/.test(error.message)) kept[CODE] = code;
  }
}
