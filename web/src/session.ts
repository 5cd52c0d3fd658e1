// Warns two minutes before the session ends (WCAG 2.2.1). Drafts are saved before the end, so that nothing typed is lost. A staff page is locked
// at the end; whoever is at work there is not asked, because their keys and pointer show that they are.
import { flushAll } from "./autosave";
import { lock } from "./lock";
import { make, say, show, text } from "./texts";

const warnMS = 120_000;
const quietlyMS = 300_000; // this long before the end, work on a staff page keeps the session open

export function session(wake: (root: ParentNode) => void): void {
  const d = document.body.dataset;
  let ends = Number(d.sessionEndsMs || 0);
  if (!ends) return;
  const staff = document.documentElement.dataset.kind === "desk";
  const skew = Number(d.nowMs) ? Date.now() - Number(d.nowMs) : 0; // the phone's clock may be wrong
  const box = warning();
  const work = staff ? atWork() : () => false;
  let over = false;
  let unlock: ((ends: number) => void) | undefined;

  // Tabs of one browser share the session: what one of them did counts for all.
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("tongban-session") : undefined;
  const later = (newEnds: number, tell = true): void => {
    if (newEnds > ends) ends = newEnds;
    over = false;
    if (box.dialog.open) box.dialog.close();
    if (tell) tabs?.postMessage({ ends, staff });
  };
  tabs?.addEventListener("message", (e) => {
    const told = e.data as { ends: number; staff: boolean };
    if (told.staff !== staff || told.ends <= ends) return;
    if (unlock) unlock(told.ends);
    else later(told.ends, false);
  });
  tabs?.postMessage({ ends, staff });

  const extend = async (): Promise<void> => {
    const answer = await fetch(d.extendUrl || "/session/extend", { method: "POST", headers: { Accept: "application/json" }, redirect: "manual" });
    const facts = (await answer.json()) as { session_ends_ms?: number };
    if (!answer.ok || !facts.session_ends_ms) throw new Error(String(answer.status));
    later(facts.session_ends_ms);
  };
  box.button.addEventListener("click", () => {
    extend().then(
      () => show(text("session_extended")),
      () => (box.words.textContent = text(navigator.onLine ? "session_over" : "offline")),
    );
  });

  const finish = (): void => {
    over = true;
    if (staff) {
      box.dialog.close();
      unlock = lock(wake, (newEnds) => {
        unlock = undefined;
        later(newEnds);
      });
      return;
    }
    box.words.textContent = text("session_over");
    say(text("session_over"), true);
    box.button.replaceWith(signIn(d.signinUrl || "/sign-in"));
  };

  window.setInterval(() => {
    const left = ends - (Date.now() - skew);
    if (over) return;
    if (left > 0 && left < quietlyMS && work()) void extend().catch(() => undefined);
    if (left > warnMS) return;
    if (left <= 0) return finish();
    if (!box.dialog.open) {
      void flushAll();
      box.dialog.showModal();
    }
    box.words.textContent = text("session_text", { n: Math.ceil(left / 1000) });
  }, 1000);
}

/** atWork gives a question that says whether keys or pointer were used since it was asked last. */
function atWork(): () => boolean {
  let used = false;
  for (const what of ["keydown", "pointerdown", "input"]) document.addEventListener(what, () => (used = true), { passive: true });
  return () => {
    const was = used;
    used = false;
    return was;
  };
}

function warning(): { dialog: HTMLDialogElement; words: HTMLElement; button: HTMLButtonElement } {
  const dialog = make("dialog");
  const title = make("h2", "", text("session_title"));
  const words = make("p");
  const button = make("button", "btn primary", text("session_go_on"));
  title.id = "session-title";
  dialog.id = "session";
  dialog.setAttribute("aria-labelledby", title.id);
  button.type = "button";
  dialog.append(title, words, button);
  document.body.append(dialog);
  return { dialog, words, button };
}

function signIn(href: string): HTMLAnchorElement {
  const a = make("a", "btn primary", text("session_go_on"));
  a.href = href + (href.includes("?") ? "&" : "?") + "next=" + encodeURIComponent(location.pathname + location.search);
  return a;
}
