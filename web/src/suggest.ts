// Completes what is typed into a search box for items: names by characters, pinyin or initials. Without it the box searches as it is.
import { all, make, say } from "./texts";

interface Answer {
  label: string;
  said: string;
  list: { text: string; href: string }[];
}

const wait = 150; // ms after the last key
let boxes = 0;

/** suggest makes every search box for items a combobox with a list (ARIA 1.2, list autocomplete with manual selection). */
export function suggest(root: ParentNode): void {
  for (const input of all<HTMLInputElement>(root, "form[action='/items'] input[type=search][name=q]")) {
    if (!input.dataset.suggest) combobox(input);
  }
}

function combobox(input: HTMLInputElement): void {
  const list = make("ul", "suggest");
  list.id = `suggest-${++boxes}`;
  list.hidden = true;
  list.setAttribute("role", "listbox");
  input.dataset.suggest = list.id;
  input.autocomplete = "off";
  for (const [name, value] of [["role", "combobox"], ["aria-autocomplete", "list"], ["aria-controls", list.id], ["aria-expanded", "false"]]) {
    input.setAttribute(name!, value!);
  }
  input.parentElement!.classList.add("suggest-box");
  input.parentElement!.append(list);
  let timer = 0;
  let asking: AbortController | undefined;
  let at = -1;
  const options = () => [...list.children] as HTMLElement[];

  const close = () => {
    clearTimeout(timer);
    asking?.abort();
    at = -1;
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };
  const mark = (n: number) => {
    at = n;
    options().forEach((o, i) => o.setAttribute("aria-selected", String(i === n)));
    if (n < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options()[n]!.id);
      options()[n]!.scrollIntoView({ block: "nearest" });
    }
  };
  const open = (a: Answer) => {
    list.setAttribute("aria-label", a.label);
    list.replaceChildren(
      ...a.list.map((s, i) => {
        const o = make("li", "", s.text);
        o.id = `${list.id}-${i}`;
        o.lang = "zh-CN";
        o.dataset.href = s.href;
        o.setAttribute("role", "option");
        o.setAttribute("aria-selected", "false");
        return o;
      }),
    );
    mark(-1);
    list.hidden = a.list.length === 0;
    input.setAttribute("aria-expanded", String(!list.hidden));
    say(a.said);
  };
  const ask = async () => {
    asking?.abort();
    asking = new AbortController();
    try {
      const r = await fetch(`/items/suggest?q=${encodeURIComponent(input.value)}`, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (r.ok && document.activeElement === input) open((await r.json()) as Answer);
    } catch {
      // typed on, or the network is away: the box searches as it is
    }
  };

  input.addEventListener("input", (e) => {
    clearTimeout(timer);
    if ((e as InputEvent).isComposing) return; // the input method is not done yet
    if (input.value.trim()) timer = window.setTimeout(() => void ask(), wait);
    else close();
  });
  input.addEventListener("compositionend", () => (timer = window.setTimeout(() => void ask(), wait)));
  input.addEventListener("blur", () => close());
  input.addEventListener("keydown", (e) => {
    const n = options().length;
    if (e.isComposing || list.hidden || n === 0) return;
    if (e.key === "ArrowDown") mark(at + 1 < n ? at + 1 : -1);
    else if (e.key === "ArrowUp") mark(at < 0 ? n - 1 : at - 1);
    else if (e.key === "Escape") close();
    else if (e.key === "Enter" && at >= 0) location.assign(options()[at]!.dataset.href!);
    else return;
    e.preventDefault();
  });
  list.addEventListener("mousedown", (e) => {
    e.preventDefault(); // the box keeps the focus
    const o = (e.target as HTMLElement).closest<HTMLElement>("[role=option]");
    if (o) location.assign(o.dataset.href!);
  });
}
