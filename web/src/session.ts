// Warns two minutes before the session ends (WCAG 2.2.1). Drafts are saved before the end, so that nothing typed is lost.
import { flushAll } from "./autosave";
import { make, say, show, text } from "./texts";

const warnMS = 120_000;

export function session(): void {
  const d = document.body.dataset;
  let ends = Number(d.sessionEndsMs || 0);
  if (!ends) return;
  const skew = Number(d.nowMs) ? Date.now() - Number(d.nowMs) : 0; // the phone's clock may be wrong
  const box = warning();
  let over = false;

  const goOn = async () => {
    try {
      const answer = await fetch(d.extendUrl || "/session/extend", { method: "POST", headers: { Accept: "application/json" }, redirect: "manual" });
      const facts = (await answer.json()) as { session_ends_ms?: number };
      if (!answer.ok || !facts.session_ends_ms) throw new Error(String(answer.status));
      ends = facts.session_ends_ms;
      box.dialog.close();
      show(text("session_extended"));
    } catch {
      box.words.textContent = text(navigator.onLine ? "session_over" : "offline");
    }
  };
  box.button.addEventListener("click", () => void goOn());

  window.setInterval(() => {
    const left = ends - (Date.now() - skew);
    if (over || left > warnMS) return;
    if (!box.dialog.open) {
      void flushAll();
      box.dialog.showModal();
    }
    if (left <= 0) {
      over = true;
      box.words.textContent = text("session_over");
      say(text("session_over"), true);
      box.button.replaceWith(signIn(d.signinUrl || "/signin"));
      return;
    }
    box.words.textContent = text("session_text", { n: Math.ceil(left / 1000) });
  }, 1000);
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
  a.href = href + (href.includes("?") ? "&" : "?") + "back=" + encodeURIComponent(location.pathname + location.search);
  return a;
}
