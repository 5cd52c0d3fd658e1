// form[data-live="ID ID"]: after each answer these parts of the page are drawn anew as the answers so far call for them. The request stores nothing.
// A newer answer gives up the request of an older one and carries all answers, so that a late page never takes a newer answer away.
import { swapInside } from "./swap";

export function live(form: HTMLFormElement): void {
  const ids = (form.dataset.live ?? "").split(" ");
  let newest: AbortController | undefined;

  const ask = async (): Promise<void> => {
    newest?.abort();
    const mine = (newest = new AbortController());
    let page: string;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { "X-Preview": "1" }, redirect: "manual", signal: mine.signal });
      if (!answer.ok) return; // the form's buttons will say what is wrong
      page = await answer.text();
    } catch {
      return; // a newer answer, or no line: autosave tells, and the buttons do the same
    }
    if (mine === newest) swapInside(page, ids);
  };
  form.addEventListener("change", () => void ask());
}
