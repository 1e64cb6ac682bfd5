/** Tells the widget that the shopper's points may have changed. */
addEventListener("load", () => {
  document.dispatchEvent(new CustomEvent("tallymark:refresh"));
});
