// What came out, under the stage: the scoreboard and the expectations.

import { element } from "./knobs.js";

// scoreboard fills a table in from what the engine tabulated.
export function scoreboard(into, table, glossary, colour) {
  const head = element("tr", {}, element("th", { scope: "col", textContent: "Metric" }));
  for (const s of table.strategies) {
    const th = element("th", { scope: "col" }, colour(s), s);
    head.append(th);
  }
  head.append(element("th", { scope: "col", textContent: "Best" }));
  const t = element("table", {}, element("thead", {}, head));
  for (const g of table.groups) {
    const body = element("tbody", {}, element("tr", {}, element("th", { scope: "rowgroup", colSpan: table.strategies.length + 2, textContent: g.title })));
    for (const row of g.rows) {
      const tr = element("tr", {}, element("th", { scope: "row" }, glossary.term(row.name, row.label)));
      tr.dataset.metric = row.name;
      row.cells.forEach((c, i) => {
        const td = element("td", { className: c.best ? "best" : "", textContent: (c.best ? "★ " : "") + c.text });
        td.dataset.strategy = table.strategies[i];
        tr.append(td);
      });
      tr.append(element("td", { textContent: [(row.best ?? []).join(", "), row.lead].filter(Boolean).join(" ") }));
      body.append(tr);
    }
    t.append(body);
  }
  into.replaceChildren(t);
}

// expectations says how those of the scenario came out.
export function expectations(into, list, edited) {
  into.replaceChildren();
  if (list.length === 0) return;
  const failed = list.filter((e) => !e.held && !e.skipped).length;
  const summary = element("summary", {
    textContent: failed === 0 ? `All ${list.length} expectations of the scenario hold` : `${failed} of ${list.length} expectations do not hold${edited ? " any more: they are those of the scenario as shipped" : ""}`,
    className: failed === 0 ? "held" : "failed",
  });
  const ul = element("ul");
  for (const e of list) {
    const how = e.skipped ? "not judged" : e.held ? "holds" : "fails";
    ul.append(element("li", {}, element("b", { textContent: `${how}: `, className: e.held ? "held" : e.skipped ? "" : "failed" }), element("code", { textContent: e.expr }), element("span", { textContent: e.reason ? ` (${e.reason})` : "" })));
  }
  into.append(element("details", { open: failed > 0 && !edited }, summary, ul));
}
