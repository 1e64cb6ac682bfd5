/** What members say of themselves: that they did something, when their birthday is. */
import { make, refresh, send } from "./element.js";
import { labelled } from "./rewards.js";
import { add, language, say } from "./texts.js";

add({
  offline: "The store cannot be reached. Please try again.",
  refused_403: "Please sign in again.",
  refused_422: "The store does not take this any more.",
  refused_429: "That was much at once. Please try again in an hour.",
  report: "I did this",
  save: "Save",
  day: "Day",
  month: "Month",
  no_such_day: "There is no such day.",
  birthday_noted: "{reward} is noted. You can change it after a year.",
});

const KEY = "tallymark-report-";

export class Reports {
  // Kept while all else is drawn anew: they have the focus, or a choice.
  #parts = {};
  #told = {};

  constructor(proxy, status) {
    this.path = `${proxy}/actions`;
    this.status = status;
  }

  /** Whether it was just told, and the standing does not know yet. */
  isTold({ action, times, waiting }) {
    return this.#told[action] === times + waiting;
  }

  /** What an action is reported with: a button, or a form for a birthday. */
  parts(way) {
    if (!way.can_report || this.isTold(way)) return [];
    const { action } = way;
    const build = action === "birthday" ? birthday : deed;
    this.#parts[action] ??= build(way, (...told) => this.#tell(action, ...told));
    this.#parts[action].way = way;
    return [this.#parts[action]];
  }

  async #tell(action, body, noted, button) {
    const { times, waiting } = this.#parts[action].way;
    button.disabled = true;
    this.status.textContent = say("one_moment");
    this.status.focus();
    try {
      const { reason } = await send(this.path, { action, ...body });
      forget(action);
      this.#told[action] = times + waiting;
      this.status.textContent = reason || noted;
      refresh();
    } catch (error) {
      console.debug(error);
      const why = error instanceof TypeError ? "offline" : `refused_${error.message}`;
      this.status.textContent = say(why) || say("not_now");
    }
    button.disabled = false;
  }
}

function deed({ action, name }, tell) {
  const button = labelled("report", name);
  const noted = `${name}: ${say("noted")}`;
  button.onclick = () => tell({ key: keyOf(action) }, noted, button);
  return button;
}

/** A day without a year; the browser itself says what is missing. */
function birthday({ name }, tell) {
  const days = Array.from({ length: 31 }, (_, index) => [index + 1, index + 1]);
  const months = Array.from({ length: 12 }, (_, index) => [
    index + 1,
    inWords(index + 1, 1, { month: "long" }),
  ]);
  const day = choice("bday-day", days);
  const month = choice("bday-month", months);
  const button = make("button", {}, say("save"));
  const labels = [make("label", {}, say("day"), day), make("label", {}, say("month"), month)];
  const form = make("form", { "aria-label": name }, ...labels, button);
  form.onchange = () => {
    const last = new Date(2000, month.value || 1, 0).getDate();
    day.setCustomValidity(day.value > last ? say("no_such_day") : "");
  };
  form.onsubmit = (event) => {
    event.preventDefault();
    const given = { month: Number(month.value), day: Number(day.value) };
    const words = inWords(given.month, given.day, { day: "numeric", month: "long" });
    tell(given, say("birthday_noted", 0, words), button);
  };
  return form;
}

function choice(autocomplete, values) {
  const options = values.map(([value, text]) => make("option", { value }, text));
  const none = make("option", { value: "" }, "–");
  return make("select", { required: "", autocomplete }, none, ...options);
}

/** Any leap year has every day that there is. */
function inWords(month, day, parts) {
  return new Date(2000, month - 1, day).toLocaleDateString(language(), parts);
}

/** The same report has the same key until it is taken, across pages if it can be. */
const keys = {};

function keyOf(action) {
  try {
    keys[action] ??= sessionStorage[KEY + action] ??= crypto.randomUUID();
  } catch {
    keys[action] ??= crypto.randomUUID();
  }
  return keys[action];
}

function forget(action) {
  delete keys[action];
  try {
    delete sessionStorage[KEY + action];
  } catch (error) {
    console.debug(error);
  }
}
