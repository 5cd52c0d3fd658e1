// Autosave of form[data-autosave="URL"]: the whole form is posted a moment after the last change. The server answers
// {"version":n,"saved_at":"15:04:05"}; 409 means that another window was faster: the person may
// send the form as it is, and gets the page that shows the difference. The data attribute data-state tells where it stands.
import { make, say, text } from "./texts";

const quietMS = 1200;
const retryMS = 8000;
const waitMS = 8000; // how long a button waits for a save under way

interface Saver {
  flush(): Promise<void>;
  dirty(): boolean;
}
const savers: Saver[] = [];

/** flushAll saves what is still unsaved, before the page is left or changed. */
export async function flushAll(): Promise<void> {
  await Promise.all(savers.map((s) => s.flush()));
}

/** unsaved says whether some form holds text that the server has not acknowledged. */
export function unsaved(): boolean {
  return savers.some((s) => s.dirty());
}

export function autosave(form: HTMLFormElement): void {
  const url = form.dataset.autosave;
  if (!url) return;
  let timer = 0;
  let changes = 0;
  let saved = 0;
  let stopped = false;
  let running: Promise<void> | undefined;

  const later = (ms: number) => {
    clearTimeout(timer);
    timer = window.setTimeout(() => void flush(), ms);
  };
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    if (running) await running;
    if (stopped || saved === changes) return;
    running = save().finally(() => (running = undefined));
    await running;
  };
  const save = async (): Promise<void> => {
    const upTo = changes;
    tell(form, "saving", text("saving"));
    const body = new FormData(form);
    for (const [name, value] of [...body]) if (value instanceof File) body.delete(name);
    let answer: Response;
    try {
      answer = await fetch(url, { method: "POST", body, headers: { "X-Autosave": "1", Accept: "application/json" }, redirect: "manual" });
    } catch {
      return failed("save_failed");
    }
    const facts = (await answer.json().catch(() => ({}))) as { version?: number; saved_at?: string; conflict_url?: string; detail?: string };
    if (answer.status === 409) {
      stopped = true;
      tell(form, "conflict", text("save_conflict"), { href: facts.conflict_url ?? "", label: text("conflict_link") });
      return;
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) return failed("save_signin");
    if (!answer.ok) return failed("save_failed");
    saved = upTo;
    const version = form.elements.namedItem("_v");
    if (version instanceof HTMLInputElement && facts.version !== undefined) version.value = String(facts.version);
    tell(form, "saved", text("saved", { time: facts.saved_at || new Date().toTimeString().slice(0, 5) }));
    if (saved !== changes) later(quietMS);
  };
  const failed = (key: string): void => {
    tell(form, "failed", text(key), key === "save_signin" ? { href: document.body.dataset.signinUrl || "/signin", label: text("session_go_on"), blank: true } : undefined);
    later(retryMS);
  };

  const changed = () => {
    changes++;
    if (!stopped) later(quietMS);
  };
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);
  let leaving = false;
  form.addEventListener("submit", (e) => {
    clearTimeout(timer);
    if (running && !stopped) {
      e.preventDefault(); // sent now, it would carry the version from before the save that is under way
      if (leaving) return;
      leaving = true;
      void Promise.race([running, new Promise((done) => setTimeout(done, waitMS))]).then(() => {
        running = undefined;
        form.requestSubmit(e.submitter);
        leaving = false;
      });
      return;
    }
    saved = changes;
  });
  window.addEventListener("online", () => void flush());
  document.addEventListener("visibilitychange", () => document.hidden && void flush());
  savers.push({ flush, dirty: () => saved !== changes });
}

function sendAnyway(label: string): HTMLButtonElement {
  const b = make("button", "btn small", label);
  b.name = "_act";
  b.value = "save";
  b.formNoValidate = true;
  return b;
}

/** tell shows the state beside the form; only failures interrupt a screen reader. */
function tell(form: HTMLFormElement, state: string, message: string, link?: { href: string; label: string; blank?: boolean }): void {
  const box = form.querySelector<HTMLElement>("[data-save-state]");
  const line = box?.querySelector<HTMLElement>("[data-save-text]");
  const bad = state === "failed" || state === "conflict";
  const news = form.dataset.state !== state;
  form.dataset.state = state;
  if (!box || !line) return;
  box.classList.toggle("failed", bad);
  line.textContent = message;
  if (link && !link.href) {
    line.append(" ", sendAnyway(link.label)); // sent with its old version, the server answers with the page that shows the difference
  } else if (link) {
    const a = make("a", "", link.label);
    a.href = link.href;
    if (link.blank) a.target = "_blank";
    line.append(" ", a);
  }
  if (bad && news) say(message, true);
}
