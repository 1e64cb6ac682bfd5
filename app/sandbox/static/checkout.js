/** Draws the order anew when an extension has changed it. */
addEventListener("message", async ({ origin, data }) => {
  if (origin !== location.origin || data !== "order changed") return;
  const text = await (await fetch(location.href)).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  document.querySelector("#order").replaceWith(page.querySelector("#order"));
});
