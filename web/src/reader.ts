// [data-reader=ORIGIN]: reads a card through the local agent of this PC. The platform gives a question for one read, the agent answers it, and the
// form carries the answer with its proof to the server, which checks both. A page script can neither make up a card nor ask for a second one.
import { all } from "./texts";

interface Question {
  nonce: string;
  expires: number;
  ticket: string;
}

interface Answer {
  card?: string;
  proof?: string;
  error?: string;
}

export function readers(root: ParentNode): void {
  for (const box of all(root, "[data-reader]")) start(box);
}

function start(box: HTMLElement): void {
  const form = box.closest<HTMLFormElement>("form");
  const button = box.querySelector("button");
  const words = box.querySelector<HTMLElement>("[data-reader-text]");
  if (!form || !button || !words) return;
  box.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    words.textContent = box.dataset.wait ?? "";
    read(box.dataset.reader!, box.dataset.readerAsk!).then(
      (got) => {
        if (got.card && got.proof) return send(form, got);
        words.textContent = (got.error === "no_card" ? box.dataset.none : box.dataset.refused) ?? "";
        button.disabled = false;
      },
      () => {
        words.textContent = box.dataset.off ?? "";
        button.disabled = false;
      },
    );
  });
}

async function read(agent: string, ask: string): Promise<Answer & { nonce: string }> {
  const asked = await fetch(ask, { method: "POST" });
  if (!asked.ok) throw new Error(String(asked.status));
  const question = (await asked.json()) as Question;
  const answer = await fetch(agent + "/v1/read", { method: "POST", body: JSON.stringify(question), headers: { "Content-Type": "application/json" }, credentials: "omit", signal: AbortSignal.timeout?.(30_000) });
  return { ...((await answer.json()) as Answer), nonce: question.nonce };
}

function send(form: HTMLFormElement, got: Answer & { nonce: string }): void {
  const set = (name: string, value: string) => {
    const input = form.elements.namedItem(name);
    if (input instanceof HTMLInputElement) input.value = value;
  };
  set("nonce", got.nonce);
  set("card", got.card!);
  set("proof", got.proof!);
  set("line", "");
  form.requestSubmit();
}
