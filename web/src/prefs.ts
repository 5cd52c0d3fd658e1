// Switching to the elder view or the other language keeps what was typed, so that no switch ever loses an input.
import { flushAll } from "./autosave";
import { all, show, text } from "./texts";

const keep = "tongban-typed";

export function prefs(): void {
  restore();
  const form = document.querySelector<HTMLFormElement>("form[data-prefs]");
  form?.addEventListener("submit", (e) => {
    const by = e.submitter as HTMLButtonElement | null;
    if (!by?.name) return;
    e.preventDefault();
    void change(form, by);
  });
}

async function change(form: HTMLFormElement, by: HTMLButtonElement): Promise<void> {
  const body = new URLSearchParams();
  for (const [k, v] of new FormData(form)) body.append(k, String(v));
  body.set(by.name, by.value);
  await flushAll().catch(() => undefined);
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    if (answer.status >= 400) throw new Error(String(answer.status));
  } catch {
    return show(text("offline"));
  }
  stash();
  location.reload();
}

/** stash keeps typed values over the reload, in this tab only; passwords, codes and files are left out. */
function stash(): void {
  const values: [string, string, boolean][] = [];
  for (const e of inputs()) values.push([key(e), e.value, (e as HTMLInputElement).checked]);
  sessionStorage.setItem(keep, JSON.stringify({ path: location.pathname + location.search, values }));
}

function restore(): void {
  const raw = sessionStorage.getItem(keep);
  if (!raw) return;
  sessionStorage.removeItem(keep);
  const kept = JSON.parse(raw) as { path: string; values: [string, string, boolean][] };
  if (kept.path !== location.pathname + location.search) return;
  const by = new Map(kept.values.map(([k, value, checked]) => [k, { value, checked }]));
  for (const e of inputs()) {
    const was = by.get(key(e));
    if (!was) continue;
    if (e instanceof HTMLInputElement && (e.type === "radio" || e.type === "checkbox")) e.checked = was.checked;
    else e.value = was.value;
  }
}

type Input = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const inputs = () =>
  all<Input>(document, "main form input, main form select, main form textarea").filter((e) => e.name && !["hidden", "password", "file"].includes(e.type) && e.autocomplete !== "one-time-code");

const key = (e: Input) => e.name + (e.type === "radio" || e.type === "checkbox" ? "=" + e.value : "");
