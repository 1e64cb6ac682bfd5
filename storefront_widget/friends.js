/** A member's link and code for friends, and where a friend's code is typed. */
import { ask, make, refresh } from "./element.js";
import { claim, isFriend, keep } from "./referral.js";
import { labelled, small } from "./rewards.js";
import { add, joined, say } from "./texts.js";

add({
  bring_a_friend: "Bring a friend",
  you_get: "You get {points} once a friend’s first order has stood",
  friend_gets: "Your friend gets {reward}",
  friends: { one: "{count} friend came", other: "{count} friends came" },
  your_link: "Your link",
  your_code: "Your code",
  copy: "Copy",
  copied: "Copied: {reward}",
  have_code: "Has a friend told you a code?",
  friends_code: "Your friend’s code",
  use_code: "Use it",
  code_used: "Your gift comes among your rewards: {reward}",
  welcome: "A friend gives you {reward}: sign in or open an account to get it.",
});

/** A member's link and code, and what came of them. */
export function friends({ referral }, proxy, status) {
  if (!referral) return [];
  const { code, points, gift, friends, pending } = referral;
  const came = joined(
    gift && say("friend_gets", 0, gift),
    say("friends", friends),
    pending > 0 && say("pending", pending),
  );
  const told = make("span", {}, say("you_get", points), small(came));
  const link = new URL(`${proxy}/r/${code}`, location).href;
  const copies = [...copied("your_link", link, status), ...copied("your_code", code, status)];
  return [make("li", {}, told, ...copies)];
}

function copied(name, value, status) {
  const text = make("input", { readonly: "", value });
  const button = labelled("copy", say(name));
  button.onclick = async () => {
    text.select();
    await navigator.clipboard?.writeText(value).catch(console.debug);
    status.textContent = say("copied", 0, say(name));
  };
  return [make("label", {}, say(name), text), button];
}

/** Where a friend's code is typed, and kept meanwhile. */
export class CodeForm {
  #code = make("input", { required: "", maxlength: 40, autocomplete: "off", dir: "ltr" });
  #button = make("button", {}, say("use_code"));
  #form = make("form", {}, make("label", {}, say("friends_code"), this.#code), this.#button);

  constructor(place, status) {
    this.place = place;
    this.status = status;
    this.#form.onsubmit = (event) => {
      event.preventDefault();
      this.#use(this.#code.value.replace(/\W/g, "").toUpperCase() || "-");
    };
  }

  parts({ can_claim, signed_in }) {
    if (!can_claim || this.done || (!signed_in && isFriend())) return [];
    return [make("li", {}, this.#form)];
  }

  async #use(code) {
    const { status, place } = this;
    const { data, proxy } = place;
    this.#button.disabled = true;
    status.textContent = say("one_moment");
    status.focus();
    try {
      const asked = `${proxy}/referrals/${code}`;
      const { gift, reason } = data.signed_in ? await claim(proxy, code) : await ask(asked);
      this.#tell(code, gift, reason);
    } catch (error) {
      console.debug(error);
      status.textContent = say("not_now");
    }
    this.#button.disabled = false;
  }

  #tell(code, gift, reason) {
    const { signed_in } = this.place.data;
    if (reason) {
      this.status.textContent = `${code}: ${reason}`;
      return;
    }
    if (!signed_in) keep(code);
    this.done = true;
    this.status.textContent = gift ? say(signed_in ? "code_used" : "welcome", 0, gift) : say("noted");
    this.place.panel?.render(this.place.data);
    if (signed_in) refresh();
  }
}
