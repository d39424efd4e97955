// What a metric means, a hover, a tap or a focus away.

export class Glossary {
  constructor(metrics, box) {
    this.metrics = new Map(metrics.map((m) => [m.name, m]));
    this.box = box;
    addEventListener("keydown", (e) => {
      if (e.key === "Escape") this.hide();
    });
    // What the keyboard has reached scrolls into view, and keeps its meaning.
    const follow = () => (this.owner?.matches(":focus") ? this.place() : this.hide());
    addEventListener("scroll", follow, { passive: true, capture: true });
  }

  // term is a button that says the metric's name, and its meaning when asked.
  term(name, label) {
    const b = document.createElement("button");
    b.type = "button";
    b.className = "term";
    b.textContent = label ?? this.metrics.get(name)?.label ?? name;
    b.dataset.metric = name;
    b.setAttribute("aria-expanded", "false");
    b.addEventListener("pointerenter", (e) => e.pointerType === "mouse" && this.show(b, name));
    b.addEventListener("pointerleave", (e) => e.pointerType === "mouse" && this.hide());
    b.addEventListener("focus", () => b.matches(":focus-visible") && this.show(b, name));
    b.addEventListener("blur", () => this.hide());
    b.addEventListener("click", () => this.show(b, name));
    return b;
  }

  show(at, name) {
    const m = this.metrics.get(name);
    if (!m) return;
    this.hide();
    this.owner = at;
    at.setAttribute("aria-expanded", "true");
    at.setAttribute("aria-describedby", this.box.id);
    const title = document.createElement("code");
    title.textContent = m.name;
    const text = document.createElement("p");
    text.textContent = m.meaning + ({ lower: " Less is better.", higher: " More is better." }[m.better] ?? "");
    this.box.replaceChildren(title, text);
    this.box.showPopover();
    this.place();
  }

  place() {
    const r = this.owner.getBoundingClientRect();
    const width = this.box.offsetWidth, height = this.box.offsetHeight;
    const below = r.bottom + 6 + height < innerHeight;
    this.box.style.left = `${Math.max(8, Math.min(r.left, innerWidth - width - 8))}px`;
    this.box.style.top = `${below ? r.bottom + 6 : Math.max(8, r.top - height - 6)}px`;
  }

  hide() {
    if (!this.owner) return;
    this.owner.setAttribute("aria-expanded", "false");
    this.owner.removeAttribute("aria-describedby");
    this.owner = null;
    this.box.hidePopover();
  }
}
