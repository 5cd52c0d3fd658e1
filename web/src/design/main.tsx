// Wakes the designer of the page: <div data-designer="form"> with script#design-data (the start) and script#design-texts (the words) beside it. The
// plain page in the element marked data-plain steps aside once the designer stands.
import { render, type ComponentChild } from "preact";
import { flowDesigner } from "./flow/designer";
import { formDesigner } from "./form/designer";
import { licenceDesigner, paperDesigner } from "./paper/designer";
import { scenarioDesigner } from "./scenario/designer";
import { tableDesigner } from "./table/designer";

/** designers by name; each takes what its page carries. */
const designers: Record<string, (start: never) => ComponentChild> = {
  form: formDesigner,
  flow: flowDesigner,
  paper: paperDesigner,
  licence: licenceDesigner,
  table: tableDesigner,
  scenario: scenarioDesigner,
};

function main(): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-designer]")) {
    const make = designers[box.dataset.designer!];
    const start = document.getElementById("design-data")?.textContent;
    if (!make || !start) continue;
    render(make(JSON.parse(start) as never), box);
    box.hidden = false;
    document.querySelector<HTMLElement>("[data-plain]")?.setAttribute("hidden", "");
    box.dataset.ready = "1";
  }
}

if ("HTMLDialogElement" in window) main();
