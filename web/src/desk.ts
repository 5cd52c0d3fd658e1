// The desk by keyboard: rows of a list, the next case, acts, panes, phrases. Single keys never work while somebody types, and can be switched off on the
// page of keys (WCAG 2.1.4); the server then leaves the marker out and only F2, which is no character, stays.

const marker = document.querySelector<HTMLElement>("[data-desk]");
const kind = marker?.dataset.desk ?? "";

const typing = (e: Event): boolean => {
  const t = e.target as HTMLElement;
  return t.isContentEditable || !!t.closest("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=submit]):not([type=button])");
};

// rows of a list ----------------------------------------------------------------------------------

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>("main a[data-open]")].map((a) => a.closest<HTMLElement>("tr, li") ?? a);
const link = (row: HTMLElement): HTMLAnchorElement | null => (row.matches("a") ? (row as HTMLAnchorElement) : row.querySelector("a[data-open]"));

function current(): number {
  return rows().findIndex((r) => r.contains(document.activeElement));
}

function move(by: number): void {
  const all = rows();
  if (!all.length) return;
  const at = current();
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
  const a = link(next);
  a?.focus();
  next.scrollIntoView({ block: "nearest" });
}

function pick(): void {
  const row = rows()[current()];
  row?.querySelector<HTMLInputElement>("input[name=case]")?.click();
}

// the choice for an act on many -------------------------------------------------------------------

function picks(): void {
  const form = document.getElementById("batch");
  const all = form?.querySelector<HTMLInputElement>("[data-pick-all]");
  if (!form || !all) return;
  const boxes = [...form.querySelectorAll<HTMLInputElement>("input[name=case]")];
  const words = form.querySelector<HTMLElement>("[data-picked]");
  const plain = words?.textContent ?? "";
  const tell = (): void => {
    const n = boxes.filter((b) => b.checked).length;
    all.checked = n === boxes.length;
    all.indeterminate = n > 0 && n < boxes.length;
    if (words) words.textContent = n ? `${n} / ${boxes.length}` : plain;
    for (const b of boxes) b.closest("tr")?.classList.toggle("picked", b.checked);
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const b of boxes) b.checked = all.checked;
    tell();
  });
  form.addEventListener("change", tell);
  tell();
}

// keys ----------------------------------------------------------------------------------------------

function follow(key: string): boolean {
  const a = document.querySelector<HTMLAnchorElement>(`main a[data-key="${key}"]`);
  a?.click();
  return !!a;
}

function focusFirst(selector: string): boolean {
  const e = document.querySelector<HTMLElement>(selector);
  e?.focus();
  e?.scrollIntoView({ block: "nearest" });
  return !!e;
}

/** toAct puts the focus on the first thing that can be done, and from there on the one after it. */
function toAct(): boolean {
  const all = [...document.querySelectorAll<HTMLElement>("main .acts a.btn, main .acts button:not([disabled])")];
  if (!all.length) return focusFirst("main form[data-act] .actions button");
  const at = all.indexOf(document.activeElement as HTMLElement);
  all[(at + 1) % all.length].focus();
  return true;
}

function help(): boolean {
  const d = document.getElementById("desk-keys");
  if (!(d instanceof HTMLDialogElement)) return false;
  if (d.open) d.close();
  else d.showModal();
  return true;
}

/** press does what a key means on this page and says whether it means anything. */
function press(key: string): boolean {
  if (key === "?") return help();
  if (document.querySelector("dialog[open]")) return false;
  switch (key) {
    case "j":
      return kind === "list" ? (move(1), true) : false;
    case "k":
      return kind === "list" ? (move(-1), true) : false;
    case "x":
      return kind === "list" ? (pick(), true) : false;
    case "o":
      if (kind !== "list" || current() < 0) return false;
      link(rows()[current()])?.click();
      return true;
    case "b":
      return focusFirst("#batch-act");
    case "/":
      return focusFirst("main input[type=search]");
    case "a":
      return toAct();
    case "r":
      return focusFirst("#f-note");
    case "n":
    case "p":
    case "u":
    case "m":
      return follow(key);
    case "0":
    case "1":
    case "2":
    case "3":
      return follow(key);
  }
  return false;
}

document.addEventListener("keydown", (e) => {
  if (e.key === "F2" && !e.ctrlKey && !e.altKey && !e.metaKey) {
    if (phrases()) e.preventDefault();
    return;
  }
  if (!marker || e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || e.isComposing || typing(e) || document.documentElement.dataset.locked) return;
  if (press(e.key)) e.preventDefault();
});

// phrases -------------------------------------------------------------------------------------------

type Box = HTMLTextAreaElement | HTMLInputElement;
let last: Box | undefined; // where the cursor was

document.addEventListener("focusin", (e) => {
  const t = e.target as HTMLElement;
  if (t.matches("form[data-act] textarea, form[data-act] input[type=text]:not([readonly])")) last = t as Box;
});

function phrases(): boolean {
  const box = document.querySelector<HTMLDetailsElement>("[data-phrases]");
  if (!box) return false;
  const into = box.querySelector<HTMLSelectElement>("[name=_into]");
  const offered = last && into && [...into.options].some((o) => o.value === last!.name);
  if (offered) into.value = last!.name;
  box.open = true;
  box.querySelector<HTMLSelectElement>("[name=_phrase]")?.focus();
  return true;
}

function insert(box: HTMLDetailsElement): void {
  const phrase = box.querySelector<HTMLSelectElement>("[name=_phrase]")?.selectedOptions[0]?.dataset.text ?? "";
  const name = box.querySelector<HTMLSelectElement>("[name=_into]")?.value ?? "";
  const form = box.closest("form");
  const found = form?.elements.namedItem(name);
  if (!(found instanceof HTMLTextAreaElement) && !(found instanceof HTMLInputElement)) return;
  const caret = found === last ? (found.selectionStart ?? found.value.length) : found.value.length;
  const end = found === last ? (found.selectionEnd ?? caret) : caret;
  found.setRangeText(found instanceof HTMLInputElement ? phrase.replaceAll("\n", " ") : phrase, caret, end, "end");
  if (name.startsWith("text.")) {
    const on = [...form!.querySelectorAll<HTMLInputElement>("input[name=on]")].find((b) => b.value === name.slice(5));
    if (on) on.checked = true;
  }
  box.open = false;
  found.focus();
  found.dispatchEvent(new Event("input", { bubbles: true })); // it is saved like what is typed
}

for (const box of document.querySelectorAll<HTMLDetailsElement>("[data-phrases]")) {
  box.querySelector("button")?.addEventListener("click", (e) => {
    e.preventDefault();
    insert(box);
  });
  box.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && (e.target as HTMLElement).matches("select")) {
      e.preventDefault();
      insert(box);
    } else if (e.key === "Escape") {
      box.open = false;
      last?.focus();
    }
  });
}

picks();
