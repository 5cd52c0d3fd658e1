// Small helpers: printing, copying, masking again, focus on errors, reading aloud.
import { all, make, say, show, text } from "./texts";

const remaskMS = 60_000;

export function small(root: ParentNode): void {
  for (const b of all<HTMLButtonElement>(root, "[data-print]")) {
    b.hidden = false;
    b.addEventListener("click", () => window.print());
  }
  for (const b of all<HTMLButtonElement>(root, "[data-copy]")) {
    if (!navigator.clipboard) continue; // only over https and on localhost
    b.hidden = false;
    b.addEventListener("click", () => void navigator.clipboard.writeText(b.dataset.copy!).then(() => show(text("copied"))));
  }
  for (const e of all(root, "[data-remask]")) {
    window.setTimeout(() => {
      e.textContent = e.dataset.remask!;
      e.removeAttribute("data-remask");
      if (e.nextElementSibling?.matches("[data-remask-note]")) e.nextElementSibling.remove();
      say(text("masked"));
    }, remaskMS);
  }
  all(root, "[data-focus]")[0]?.focus();
}

/** remaskPage leaves a page that shows plain values, so that going back does not show them again. */
export function remaskPage(): void {
  const url = document.body.dataset.remaskUrl;
  if (url) window.setTimeout(() => location.replace(url), remaskMS);
}

/** readAloud offers reading only where the device has a Chinese voice, and only in the elder view. */
export function readAloud(): void {
  if (document.documentElement.dataset.mode !== "elder" || !("speechSynthesis" in window)) return;
  const offer = () => {
    const voice = speechSynthesis.getVoices().find((v) => v.lang.toLowerCase().startsWith(document.documentElement.lang.slice(0, 2)));
    const bar = document.querySelector(".elder-help .wrap");
    if (!voice || !bar || bar.querySelector("[data-read]")) return;
    const b = make("button", "btn", text("read"));
    b.type = "button";
    b.dataset.read = "";
    b.addEventListener("click", () => {
      if (speechSynthesis.speaking) return speechSynthesis.cancel();
      const words = new SpeechSynthesisUtterance(document.querySelector("main")?.innerText ?? "");
      words.voice = voice;
      words.onstart = () => (b.textContent = text("read_stop"));
      words.onend = words.onerror = () => (b.textContent = text("read"));
      speechSynthesis.speak(words);
    });
    bar.append(b);
  };
  offer();
  speechSynthesis.addEventListener?.("voiceschanged", offer);
}
