/** In the theme editor: whether the app answers at the path that a block has. */
import { ask } from "./element.js";

export class Editor extends HTMLElement {
  static tag = "tallymark-editor";

  async connectedCallback() {
    const answer = await ask(`${this.getAttribute("src")}/standing`).catch(console.debug);
    this.hidden = answer?.signed_in !== undefined;
  }
}

if (!customElements.get(Editor.tag)) customElements.define(Editor.tag, Editor);
