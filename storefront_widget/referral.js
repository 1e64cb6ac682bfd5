/** Whose link led here, kept until it can be claimed, and whose browser this is. */
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
    kept[CODE] = code;
    kept[BROWSER] ??= crypto.randomUUID();
  }
} catch (error) {
  console.debug(error);
}

export const isFriend = () => CODE in kept;

/** Claim whose link led here, as soon as somebody is signed in. */
export async function befriend(proxy, { signed_in, referral }) {
  const { [CODE]: code, [OWN]: own, [BROWSER]: device } = kept;
  try {
    if (referral) kept[OWN] = referral.code;
    if (!signed_in || !code) return;
    delete kept[CODE];
    if (referral?.code === code) return;
    await send(`${proxy}/referrals`, { code, device, is_own_browser: own === code });
    refresh();
  } catch (error) {
    console.debug(error);
    // What was not refused is tried on the next page.
    if (code && !/^4/.test(error.message)) kept[CODE] = code;
  }
}
