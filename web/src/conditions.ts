// Shows and hides questions while the person answers. Hidden inputs keep what was typed; the server drops it, because Go decides.
import { evaluate, type Expr } from "./cond";
import { all } from "./texts";

export function conditions(root: ParentNode): void {
  const forms = new Set(all(root, "[data-when]").map((e) => e.closest("form")));
  for (const form of forms) {
    if (!form) continue;
    const run = () => update(form);
    form.addEventListener("input", run);
    form.addEventListener("change", run);
    update(form);
  }
}

/** update walks in order, so that the answer to a hidden question counts as missing for later ones. */
export function update(form: HTMLFormElement): void {
  for (const e of all(form, "[data-when]")) {
    const row = e.closest<HTMLElement>("[data-row]");
    let shown = false;
    try {
      shown = evaluate(JSON.parse(e.dataset.when!) as Expr, (field) => answer(form, row, field));
    } catch {
      shown = true; // a condition that cannot be read must not hide a question
    }
    e.hidden = !shown;
    if (shown) e.removeAttribute("data-off");
  }
}

/** answer reads a question as the engine holds it: columns of the same row first, nothing from hidden questions. */
function answer(form: HTMLFormElement, row: HTMLElement | null, field: string): unknown {
  const inRow = row?.dataset.row ? find(form, `${row.dataset.row}.${field}`) : undefined;
  const box = inRow ?? find(form, field);
  if (!box || box.closest("[hidden]")) return undefined;
  return read(box);
}

const find = (form: HTMLFormElement, field: string) => form.querySelector<HTMLElement>(`[data-field="${CSS.escape(field)}"]`) ?? undefined;

function read(box: HTMLElement): unknown {
  const name = box.dataset.field!;
  const value = (n: string) => box.querySelector<HTMLInputElement>(`[name="${CSS.escape(n)}"]`)?.value.trim() ?? "";
  const ticked = () => all<HTMLInputElement>(box, "input:checked").map((i) => i.value);
  switch (box.dataset.type) {
    case "checkbox":
      return ticked();
    case "radio":
      return ticked()[0];
    case "yesno":
    case "declaration":
      return ticked().length ? ticked()[0] === "true" : undefined;
    case "date":
      return date(value(name + ".y"), value(name + ".m"), value(name + ".d"));
    case "date_range":
      return ["from", "to"].map((k) => date(value(`${name}.${k}.y`), value(`${name}.${k}.m`), value(`${name}.${k}.d`))).filter(Boolean);
    case "table":
      return all(box, "[data-row]");
    case "computed":
      return box.querySelector("output")?.dataset.value || undefined;
    case "number":
    case "money":
      return value(name).replace(/[,，\s]/g, "");
  }
  return value(name);
}

function date(y: string, m: string, d: string): string {
  return y && m && d ? `${y}-${m.padStart(2, "0")}-${d.padStart(2, "0")}` : "";
}
