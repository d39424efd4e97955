// The charts under the stage. Those over time have a hand, as the strips do, where
// the run is now.

import { element } from "./knobs.js";

const inks = new CSSStyleSheet();
document.adoptedStyleSheets.push(inks);

export class Charts {
  // seek hears where in the run a chart was clicked, in milliseconds.
  constructor(into, seek) {
    this.into = into;
    this.seek = seek;
    this.hands = [];
  }

  // show puts the drawings into the page. Their colours are variables, which
  // follow the page from light to dark.
  show(pictures) {
    const variables = Object.assign({}, ...pictures.map((p) => p.inks));
    const all = (i) => Object.entries(variables).map(([name, pair]) => `${name}: ${pair[i]};`).join(" ");
    inks.replaceSync(`:root { ${all(0)} } @media screen and (prefers-color-scheme: dark) { :root { ${all(1)} } }`);
    this.hands = [];
    this.into.replaceChildren(
      ...pictures.map((p) => {
        const drawing = new DOMParser().parseFromString(p.svg, "image/svg+xml").documentElement;
        const plots = p.clocks.map((c) => this.plot(c));
        const scroll = element("div", { className: "scroll", tabIndex: 0 }, element("div", { className: "drawing" }, document.importNode(drawing, true), ...plots));
        scroll.setAttribute("role", "region");
        scroll.setAttribute("aria-label", p.finding);
        return element("figure", {}, element("figcaption", {}, element("b", { textContent: p.finding }), element("span", { textContent: p.about })), scroll);
      }),
    );
  }

  // plot lies over a plot whose x axis is the time of the run. The keyboard has
  // the scrubber for what a click does here.
  plot({ left, top, width, height, from_ms, to_ms }) {
    const hand = element("i", { className: "hand" });
    const plot = element("div", { className: "plot", title: "Click to go to this moment" }, hand);
    plot.setAttribute("aria-hidden", "true");
    for (const [side, share] of Object.entries({ left, top, width, height })) plot.style[side] = `${100 * share}%`;
    plot.addEventListener("click", (e) => {
      const box = plot.getBoundingClientRect();
      this.seek(from_ms + ((to_ms - from_ms) * (e.clientX - box.left)) / box.width);
    });
    this.hands.push({ hand, from_ms, to_ms });
    return plot;
  }

  // time moves the hands; who has no such moment has none.
  time(ms) {
    for (const { hand, from_ms, to_ms } of this.hands) {
      hand.hidden = ms < from_ms || ms > to_ms;
      hand.style.left = `${(100 * (ms - from_ms)) / (to_ms - from_ms)}%`;
    }
  }
}
