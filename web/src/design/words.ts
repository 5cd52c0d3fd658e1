// Words of the designers, in the page's language; script#design-texts carries them.

let words: Record<string, string> | undefined;

/** w gives a phrase with {name} places filled; a phrase that is missing shows its key. */
export function w(key: string, params: Record<string, string | number> = {}): string {
  words ??= JSON.parse(document.getElementById("design-texts")?.textContent || "{}") as Record<string, string>;
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ""));
}

/** has reports whether there is a phrase. */
export function has(key: string): boolean {
  return w(key) !== key;
}
