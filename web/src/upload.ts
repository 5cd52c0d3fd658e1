// Uploads with a progress bar. The answer is the same page as without JavaScript; only the box of this material is replaced.
import { flushAll } from "./autosave";
import { swapIn } from "./swap";
import { all, say, text } from "./texts";

export function uploads(root: ParentNode): void {
  for (const box of all(root, "[data-upload]")) start(box);
}

function start(box: HTMLElement): void {
  const input = box.querySelector<HTMLInputElement>('input[type="file"]');
  const live = box.querySelector<HTMLElement>("[data-upload-live]");
  const retry = box.querySelector<HTMLButtonElement>("[data-upload-retry]");
  const whole = box.closest<HTMLElement>("[data-upload-box]");
  const url = box.dataset.upload;
  if (!input || !live || !retry || !whole || !url) return;
  const button = box.querySelector<HTMLButtonElement>(`button[value="upload:${CSS.escape(input.name)}"]`);
  if (button) button.hidden = true; // choosing a file is enough

  const send = () => {
    if (!input.files?.length) return;
    const body = new FormData();
    const form = input.form;
    for (const hidden of form ? all<HTMLInputElement>(form, 'input[type="hidden"]') : []) body.append(hidden.name, hidden.value);
    body.set("_act", "upload:" + input.name);
    for (const f of input.files) body.append(input.name, f);
    void flushAll().then(() => post(url, body, live, retry, whole.id));
  };
  input.addEventListener("change", send);
  retry.addEventListener("click", send);
}

function post(url: string, body: FormData, live: HTMLElement, retry: HTMLButtonElement, id: string): void {
  const bar = live.querySelector("progress")!;
  const words = live.querySelector<HTMLElement>("[data-upload-text]")!;
  const request = new XMLHttpRequest();
  const stop = (message: string) => {
    live.dataset.state = "failed";
    words.textContent = message;
    bar.hidden = true;
    retry.hidden = false;
    say(message, true);
  };
  live.hidden = bar.hidden = false;
  retry.hidden = true;
  live.dataset.state = "sending";
  request.upload.addEventListener("progress", (e) => {
    if (!e.lengthComputable) return;
    bar.value = Math.round((e.loaded / e.total) * 100);
    words.textContent = bar.value < 100 ? text("upload_at", { n: bar.value }) : text("upload_wait");
  });
  request.addEventListener("error", () => stop(text("upload_cut")));
  request.addEventListener("abort", () => stop(text("upload_cut")));
  request.addEventListener("timeout", () => stop(text("upload_cut")));
  request.addEventListener("load", () => {
    if (swapIn(request.responseText, id)) {
      if (request.status < 400) say(text("upload_ok"));
      document.querySelector<HTMLElement>(`#${CSS.escape(id)} input[type="file"]`)?.focus();
      return;
    }
    stop(request.status === 413 ? text("upload_big") : text("upload_refused", { status: request.status || "0" }));
  });
  request.open("POST", url);
  request.send(body);
}
