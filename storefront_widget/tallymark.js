/** The one script a store loads: it defines the elements. */
import { Balance } from "./balance.js";
import { Estimate } from "./estimate.js";
import { Launcher, Member } from "./launcher.js";
import { Progress } from "./progress.js";

// Before the first word: a page in a language of ours fetches it.
if (/^de\b/i.test(document.documentElement.lang)) {
  await import("./german.js").catch(console.debug);
}
for (const element of [Balance, Estimate, Launcher, Member, Progress]) {
  // Theme and app may both load us: the first stays.
  if (!customElements.get(element.tag)) customElements.define(element.tag, element);
}
