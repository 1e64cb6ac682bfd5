/** The store's own `s-` elements, as far as the app's extensions use them. */

const CSS = new CSSStyleSheet();
CSS.replaceSync(`
  h1, h2 { margin: 0 0 .4em; font-size: 1.25em }
  button {
    min-height: 44px; padding: 8px 24px; border: 1px solid #9a4327; border-radius: 99px;
    background: #9a4327; color: #fff; font: inherit; font-weight: 600; cursor: pointer;
  }
  button.secondary { background: none; color: #9a4327 }
  button:disabled { opacity: .6; cursor: default }
  label { display: block }
  input, select { display: block; min-height: 44px; font: inherit; padding: 4px 12px }
  progress { width: 100%; accent-color: #9a4327 }
`);

/** An element drawn anew when one of its attributes changes. */
class StoreElement extends HTMLElement {
  static observedAttributes = [
    "heading", "accessibilitylabel", "accessibilityrole", "disabled", "variant", "label",
    "min", "max", "step", "value", "href",
  ];

  constructor() {
    super();
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [CSS];
    root.innerHTML = this.constructor.html;
    this.inner = root.firstElementChild;
  }

  attributeChangedCallback() {
    this.draw(this.inner);
  }

  draw() {}

  /** Hands attributes on to the element inside. */
  pass(inner, ...names) {
    for (const name of names) {
      const text = this.getAttribute(name);
      text === null ? inner.removeAttribute(name) : inner.setAttribute(name, text);
    }
  }
}

const SLOT = "<div><slot></slot></div>";

class Plain extends StoreElement {
  static html = SLOT;

  draw() {
    const role = this.getAttribute("accessibilityrole");
    if (role) this.setAttribute("role", role);
  }
}

class Section extends StoreElement {
  static html = "<section><slot></slot></section>";

  draw(inner) {
    const heading = this.getAttribute("heading");
    this.head ??= inner.insertBefore(document.createElement("h2"), inner.firstChild);
    this.head.textContent = heading;
    inner.setAttribute("aria-label", heading);
  }
}

class Page extends StoreElement {
  static html = "<main><h1></h1><slot></slot></main>";

  draw(inner) {
    inner.firstChild.textContent = this.getAttribute("heading");
  }
}

class Banner extends StoreElement {
  static html = '<section role="status"><strong></strong><slot></slot></section>';

  draw(inner) {
    inner.firstChild.textContent = this.getAttribute("heading");
  }
}

class Button extends StoreElement {
  static html = '<button type="button"><slot></slot></button>';

  draw(inner) {
    this.pass(inner, "disabled");
    inner.className = this.getAttribute("variant") ?? "";
    inner.setAttribute("aria-label", this.getAttribute("accessibilitylabel") ?? "");
  }
}

// Where the store has the page of an extension, by its handle.
const PAGES = { "tallymark-page": "/account/rewards" };

class Link extends StoreElement {
  static html = '<a target="_top"><slot></slot></a>';

  draw(inner) {
    const [, handle] = /^extension:(.+)\/$/.exec(this.getAttribute("href")) ?? [];
    inner.href = PAGES[handle] ?? this.getAttribute("href");
  }
}

class Progress extends StoreElement {
  static html = "<progress></progress>";

  draw(inner) {
    this.pass(inner, "value", "max");
    inner.setAttribute("aria-label", this.getAttribute("accessibilitylabel") ?? "");
  }
}

class NumberField extends StoreElement {
  static html = '<label><span></span><input type="number"></label>';
  input = this.inner.lastChild;

  connectedCallback() {
    // A change does not leave a shadow root by itself.
    this.input.onchange = () => this.dispatchEvent(new Event("change"));
  }

  draw(inner) {
    if (!this.input) return;
    inner.firstChild.textContent = this.getAttribute("label");
    this.pass(this.input, "min", "max", "step");
  }

  get value() {
    return this.input.value;
  }

  set value(text) {
    this.input.value = text;
  }
}

class Select extends StoreElement {
  static html = "<label><span></span><select></select><slot hidden></slot></label>";
  select = this.inner.children[1];
  wanted = "";

  connectedCallback() {
    this.select.onchange = () => {
      this.wanted = this.select.value;
      this.dispatchEvent(new Event("change"));
    };
    this.inner.lastChild.onslotchange = () => this.fill();
  }

  draw(inner) {
    inner.firstChild.textContent = this.getAttribute("label");
  }

  fill() {
    const options = [...this.children].map(
      (each) => new Option(each.textContent, each.getAttribute("value")),
    );
    this.select.replaceChildren(...options);
    this.select.value = this.wanted;
  }

  get value() {
    return this.select.value;
  }

  set value(text) {
    this.wanted = text;
    this.fill();
  }
}

const ELEMENTS = {
  "s-section": Section,
  "s-page": Page,
  "s-banner": Banner,
  "s-button": Button,
  "s-link": Link,
  "s-progress": Progress,
  "s-number-field": NumberField,
  "s-select": Select,
};
for (const tag in ELEMENTS) customElements.define(tag, ELEMENTS[tag]);
const ROLES = { "s-unordered-list": "list", "s-list-item": "listitem" };
for (const tag in ROLES) {
  customElements.define(
    tag,
    class extends Plain {
      connectedCallback() {
        this.setAttribute("role", ROLES[tag]);
      }
    },
  );
}
for (const tag of ["s-stack", "s-text", "s-skeleton-paragraph"]) {
  customElements.define(tag, class extends Plain {});
}
