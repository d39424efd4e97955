// What the strategies have come to by now, a card for each under the stage.

import { element } from "./knobs.js";

// counts of a workload: name, field of the stage's state, whether it is bad.
function counts(workload) {
  const list = [];
  if (workload === "session") list.push(["sessions lost", "lost", true], ["users in", "sessions"]);
  if (workload === "push") list.push(["events received", "delivered"]);
  else list.push(["requests failed", "failed", true], ["requests", "requests"]);
  list.push(["connections", "connections"]);
  return list;
}

export class Lanes {
  constructor(into) {
    this.into = into;
  }

  // show writes the numbers; the cards are made anew only when others are wanted.
  show(lanes, workload) {
    const key = `${workload} ${lanes.map((l) => l.strategy)}`;
    if (key !== this.key) this.build(key, lanes, workload);
    lanes.forEach((lane, i) => {
      for (const { box, dd, field, bad } of this.cards[i]) {
        const text = (lane[field] ?? 0).toLocaleString("en");
        if (dd.textContent === text) continue;
        dd.textContent = text;
        box.className = bad && lane[field] > 0 ? "bad" : "";
      }
    });
  }

  build(key, lanes, workload) {
    this.key = key;
    this.cards = [];
    this.into.replaceChildren(
      ...lanes.map((lane) => {
        const dl = element("dl");
        this.cards.push(
          counts(workload).map(([name, field, bad]) => {
            const dd = element("dd");
            const box = element("div", {}, element("dt", { textContent: name }), dd);
            dl.append(box);
            return { box, dd, field, bad };
          }),
        );
        return element("section", { className: `lane s-${lane.strategy}` }, element("h3", { textContent: lane.strategy }), dl);
      }),
    );
  }
}
