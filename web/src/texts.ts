// Words and announcements. The page carries the words in its own language, so that no script holds any.

let words: Record<string, string> | undefined;

/** text gives a phrase with {name} places filled. */
export function text(key: string, params: Record<string, string | number> = {}): string {
  words ??= JSON.parse(document.getElementById("ui-texts")?.textContent || "{}") as Record<string, string>;
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ""));
}

/** say lets screen readers hear a message; alarming ones interrupt. */
export function say(message: string, alarming = false): void {
  const box = document.getElementById(alarming ? "alarm" : "live");
  if (box) box.textContent = message;
}

let toast: HTMLElement | undefined;
let toastEnds = 0;

/** show says a message and shows it for a few seconds. */
export function show(message: string): void {
  say(message);
  toast ??= document.body.appendChild(make("div", "toast"));
  toast.textContent = message;
  toast.hidden = false;
  clearTimeout(toastEnds);
  toastEnds = window.setTimeout(() => (toast!.hidden = true), 4000);
}

/** make builds an element. */
export function make<K extends keyof HTMLElementTagNameMap>(tag: K, className = "", content = ""): HTMLElementTagNameMap[K] {
  const e = document.createElement(tag);
  e.className = className;
  e.textContent = content;
  return e;
}

/** all finds elements inside a root, the root itself included. */
export function all<T extends Element = HTMLElement>(root: ParentNode, selector: string): T[] {
  const found = [...root.querySelectorAll<T>(selector)];
  if (root instanceof Element && root.matches(selector)) found.unshift(root as unknown as T);
  return found;
}
