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
