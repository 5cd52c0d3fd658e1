// Covers a staff page after fifteen idle minutes. The page stays underneath with what was typed; one proof takes the cover away. Without scripts
// the next form that is sent is kept over the sign-in instead.
import { make, say, show, text } from "./texts";

type Wake = (root: ParentNode) => void;
const address = "/session/unlock";

/** lock covers the page; unlocked is told the session's new end. The function it gives takes the cover away, for another tab that was unlocked. */
export function lock(wake: Wake, unlocked: (ends: number) => void): (ends: number) => void {
  const dialog = make("dialog", "lock");
  const title = document.title;
  let open = true;
  const over = (ends: number): void => {
    if (!open) return;
    open = false;
    document.title = title;
    delete document.documentElement.dataset.locked;
    dialog.close();
    dialog.remove();
    show(text("session_extended"));
    unlocked(ends);
  };

  document.documentElement.dataset.locked = "1";
  dialog.setAttribute("aria-labelledby", "lock-title");
  dialog.append(...plain());
  dialog.addEventListener("cancel", (e) => e.preventDefault());
  dialog.addEventListener("close", () => open && dialog.showModal());
  document.body.append(dialog);
  document.querySelectorAll("dialog[open]").forEach((d) => (d as HTMLDialogElement).close());
  dialog.showModal();
  say(text("session_over"), true);
  void fill(dialog, wake, over);
  return over;
}

/** plain stands in the dialog until its form has come, and instead of it when there is none: the way through the sign-in page. */
function plain(): HTMLElement[] {
  const words = make("h2", "", text("session_over"));
  words.id = "lock-title";
  const again = make("a", "btn primary", text("session_go_on"));
  again.href = document.body.dataset.signinUrl || "/sign-in/staff";
  again.target = "_blank";
  return [words, again];
}

async function fill(dialog: HTMLDialogElement, wake: Wake, over: (ends: number) => void): Promise<void> {
  try {
    await fetch("/session/lock", { method: "POST" }); // the server's clock may say later: another request of this page was not the person's
    const answer = await fetch(address, { redirect: "manual" });
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (!page.querySelector("[data-unlock]")) return;
    dialog.replaceChildren(...[...page.body.childNodes].map((n) => document.adoptNode(n)));
  } catch {
    return; // no line: the plain words stay
  }
  document.title = dialog.querySelector("h2")?.textContent ?? document.title;
  const form = dialog.querySelector<HTMLFormElement>("[data-unlock]")!;
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    void send(form, over);
  });
  const key = dialog.querySelector<HTMLFormElement>("form[data-passkey]");
  if (key) new MutationObserver(() => !key.dataset.busy && void look(over)).observe(key, { attributeFilter: ["data-busy"] });
  wake(dialog);
  form.querySelector<HTMLInputElement>("input:not([type=hidden])")?.focus();
}

/** look asks whether the session is open again, after a passkey was shown. */
async function look(over: (ends: number) => void): Promise<void> {
  const answer = await fetch(document.body.dataset.extendUrl || "/session/extend", { method: "POST", redirect: "manual" }).catch(() => undefined);
  const ends = answer?.ok ? endsOf(await answer.json().catch(() => null)) : 0;
  if (ends) over(ends);
}

async function send(form: HTMLFormElement, over: (ends: number) => void): Promise<void> {
  const problem = form.querySelector<HTMLElement>("[data-unlock-error]");
  const button = form.querySelector("button");
  const body = new URLSearchParams();
  for (const [k, v] of new FormData(form)) body.append(k, String(v));
  if (button) button.disabled = true;
  try {
    const answer = await fetch(address, { method: "POST", body, redirect: "manual" });
    const facts = (await answer.json().catch(() => ({}))) as { detail?: string; errors?: { detail: string }[] };
    const ends = endsOf(facts);
    if (answer.ok && ends) return over(ends);
    if (problem) problem.textContent = facts.errors?.[0]?.detail || facts.detail || text("session_over");
  } catch {
    if (problem) problem.textContent = text("offline");
  } finally {
    if (button) button.disabled = false;
  }
  for (const i of form.querySelectorAll("input")) if (i.type !== "hidden") i.value = "";
  form.querySelector<HTMLInputElement>("input:not([type=hidden])")?.focus();
}

function endsOf(facts: unknown): number {
  return Number((facts as { session_ends_ms?: number } | null)?.session_ends_ms) || 0;
}
