/** Checks theme extensions as Shopify does: `npm run check-theme FOLDER`, told as JSON. */
import { resolve } from "node:path";
import { themeCheckRun } from "@shopify/theme-check-node";

const told = {};
for (const folder of process.argv.slice(2)) {
  // A relative path would find nothing, and say so to nobody.
  const root = resolve(folder);
  const { offenses } = await themeCheckRun(root, `${root}/.theme-check.yml`, () => {});
  told[folder] = offenses.map(({ check, message, uri, start }) => ({
    check,
    message,
    file: uri.split("/").slice(-2).join("/"),
    line: start.line + 1,
  }));
}
console.log(JSON.stringify(told));
