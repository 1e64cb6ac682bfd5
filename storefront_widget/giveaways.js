/** Draws: what was promised before, a member's own entries, and what came of it. */
import { ask, make } from "./element.js";
import { row, small } from "./rewards.js";
import { add, day, joined, say, until } from "./texts.js";

add({
  your_entries: "Your entries: {count}",
  all_entries: { one: "{count} entry in all", other: "{count} entries in all" },
  drawn_after: "Drawn after {reward}",
  no_day: "The store has set no day yet",
  drawn_on: "Drawn on {reward}",
  enter: "Take an entry among the rewards to take part.",
  you_won: "You won!",
  not_won: "Not this time",
  get_prize: "The store will get in touch with you. If it does not, write to it and name your entry.",
  check: "How to check it",
  before_draw: "This binds the store to a secret seed. Note it down: nobody can choose the winner after that.",
  no_promise: "The store has promised no seed yet. Look again before the draw.",
  after_draw: "Anybody can run the draw again, from the seed and all entries.",
  promise: "Promise",
  seed: "Seed",
  won: "Won",
  own: "Yours",
  all_of_it: "All entries, and how it is done",
});

const isEntry = ({ kind }) => kind === "giveaway_entry";

export class Draws {
  // Kept while all else is drawn anew: what is open stays so.
  rows = [];

  constructor(proxy) {
    this.path = `${proxy}/giveaways`;
  }

  /** Ask again once the member's entries are others; whether there is news. */
  async follow({ signed_in, redemptions = [] }) {
    const taken = redemptions.filter(isEntry).map(({ id, state }) => id + state);
    if (this.asked === taken.join()) return false;
    this.asked = taken.join();
    try {
      const { giveaways } = await ask(this.path);
      this.rows = giveaways.flatMap((giveaway) => [
        ...giveaway.draws.map((draw) => this.#drawn(giveaway, draw)),
        ...next(giveaway, signed_in),
      ]);
      return true;
    } catch (error) {
      console.debug(error);
    }
  }

  /** A draw that was held. */
  #drawn({ prize }, draw) {
    const { drawn_at, entries, commitment, seed, winners, own_entries, is_won } = draw;
    const told = joined(say("drawn_on", 0, day(drawn_at)), say("all_entries", entries));
    const won = own_entries.length > 0 && say(is_won ? "you_won" : "not_won");
    const link = make(
      "a",
      { href: `${this.path}/${commitment}`, target: "_blank" },
      say("all_of_it"),
    );
    return row(
      [prize, small(told)],
      won,
      "",
      is_won && make("p", {}, say("get_prize")),
      fold(
        prize,
        say("after_draw"),
        codes("promise", commitment),
        codes("seed", seed),
        codes("won", ...winners),
        codes("own", ...own_entries),
        link,
      ),
    );
  }
}

/** What is drawn next, where there is anything to say of it. */
function next({ prize, is_open, ends_at, commitment, entries, own_entries }, signed_in) {
  if (!is_open && !commitment && !entries) return [];
  const told = joined(
    until(ends_at, "drawn_after") ?? say("no_day"),
    say("all_entries", entries),
  );
  const own = own_entries.length;
  const about = say(commitment ? "before_draw" : "no_promise");
  const parts = [commitment && codes("promise", commitment), codes("own", ...own_entries)];
  return [
    row(
      [prize, small(told)],
      own > 0 && say("your_entries", own),
      signed_in && is_open && !own && say("enter"),
      fold(prize, about, ...parts),
    ),
  ];
}

function fold(prize, ...parts) {
  const name = say("check");
  const summary = make("summary", { "aria-label": `${name}: ${prize}` }, name);
  return make("details", {}, summary, ...parts.filter(Boolean).map((part) => make("p", {}, part)));
}

/** What is to be compared letter by letter. */
function codes(name, ...values) {
  if (!values.length) return null;
  const words = values.flatMap((value) => [" ", make("code", {}, value)]);
  return make("span", {}, `${say(name)}:`, ...words);
}
