/** The one script a store loads: it defines the elements. */
import { Estimate } from "./estimate.js";
import { Launcher, Member } from "./launcher.js";
import { Balance, Progress } from "./progress.js";

// A page in a language of ours fetches it first.
if (/^de\b/i.test(document.documentElement.lang)) {
  await import("./german.js").catch(console.debug);
}
for (const element of [Balance, Estimate, Launcher, Member, Progress]) {
  // Theme and app may both load us: the first stays.
  if (!customElements.get(element.tag)) customElements.define(element.tag, element);
}
