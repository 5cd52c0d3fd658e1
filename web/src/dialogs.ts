// Questions before an act: data-confirm on a button or form, and links that open a <dialog> of the page.
import { all, make, text } from "./texts";

export function dialogs(root: ParentNode): void {
  for (const link of all<HTMLAnchorElement>(root, "a[data-dialog]")) {
    const dialog = document.getElementById(link.dataset.dialog!);
    if (!(dialog instanceof HTMLDialogElement) || !dialog.showModal) continue;
    link.setAttribute("role", "button");
    link.addEventListener("click", (e) => {
      e.preventDefault();
      dialog.showModal();
    });
    link.addEventListener("keydown", (e) => {
      if (e.key !== " ") return;
      e.preventDefault();
      dialog.showModal();
    });
    for (const b of all(dialog, "[data-close]")) b.addEventListener("click", () => dialog.close());
  }
}

/** confirms asks once before a form is sent by a button with data-confirm. */
export function confirms(): void {
  document.addEventListener("submit", (e) => {
    const form = e.target as HTMLFormElement;
    const by = e.submitter as HTMLButtonElement | null;
    const question = by?.dataset.confirm || form.dataset.confirm;
    if (!question || form.dataset.confirmed) return;
    e.preventDefault();
    e.stopImmediatePropagation();
    ask(question, by?.textContent?.trim() || text("confirm"), () => {
      form.dataset.confirmed = "1";
      form.requestSubmit(by);
      delete form.dataset.confirmed;
    });
  }, true);
}

function ask(question: string, label: string, yes: () => void): void {
  const dialog = make("dialog");
  const words = make("p", "", question);
  words.id = "confirm-text";
  dialog.setAttribute("aria-labelledby", words.id);
  const row = make("div", "actions");
  const go = make("button", "btn primary", label);
  const stop = make("button", "btn", text("cancel"));
  go.type = stop.type = "button";
  go.addEventListener("click", () => {
    dialog.close();
    yes();
  });
  stop.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  row.append(go, stop);
  dialog.append(words, row);
  document.body.append(dialog);
  dialog.showModal();
}
