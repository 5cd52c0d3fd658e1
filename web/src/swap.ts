// Replaces one part of the page by the same part of an answer. The server's answer is the page it would send without JavaScript.

type Starter = (root: ParentNode) => void;
let starter: Starter = () => undefined;

/** onSwap names what wakes the islands inside new content. */
export function onSwap(f: Starter): void {
  starter = f;
}

/** swapIn puts the part with this id from an answer's page in place; false when the answer does not hold it. */
export function swapIn(page: string, id: string): boolean {
  const fresh = new DOMParser().parseFromString(page, "text/html").getElementById(id);
  const old = document.getElementById(id);
  if (!fresh || !old) return false;
  const node = document.adoptNode(fresh);
  old.replaceWith(node);
  starter(node);
  return true;
}

/** swapInside gives parts the content they have in an answer's page. The parts stay, so that what listens to them hears of it; so does the focus. */
export function swapInside(page: string, ids: string[]): void {
  const answer = new DOMParser().parseFromString(page, "text/html");
  const focused = document.activeElement?.id;
  for (const id of ids) {
    const fresh = answer.getElementById(id);
    const old = document.getElementById(id);
    if (!fresh || !old) continue;
    old.replaceChildren(...fresh.childNodes);
    starter(old);
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus({ preventScroll: true });
}
