// The bar over every designer: where saving stands, undo and redo, and what the designer adds.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { Act } from "./inputs";
import { stateText, type Store } from "./store";
import { w } from "./words";

interface Props<T> {
  store: Store<T>;
  children?: ComponentChildren;
}

/** Bar shows the state of a store. Failures are also announced, by the store. */
export function Bar<T>({ store, children }: Props<T>) {
  useEffect(() => {
    const keys = (e: KeyboardEvent) => {
      const typing = e.target instanceof HTMLElement && e.target.matches("input[type=text], textarea");
      if (typing || !(e.ctrlKey || e.metaKey) || document.querySelector("dialog[open]")) return;
      const key = e.key.toLowerCase();
      if (key === "z" && !e.shiftKey) store.undo();
      else if (key === "y" || (key === "z" && e.shiftKey)) store.redo();
      else return;
      e.preventDefault();
    };
    document.addEventListener("keydown", keys);
    return () => document.removeEventListener("keydown", keys);
  }, [store]);
  const bad = store.closed ? store.held : ["failed", "signin", "refused", "closed"].includes(store.state);
  return (
    <div class="d-bar" data-state={store.state}>
      {!store.closed && (
        <>
          <Act label={w("undo")} on={() => store.undo()} off={!store.canUndo} name="undo" />
          <Act label={w("redo")} on={() => store.redo()} off={!store.canRedo} name="redo" />
        </>
      )}
      {children}
      <p class={bad ? "save-state failed" : "save-state"} data-save-text>
        {stateText(store)}{" "}
        {store.state === "signin" && (
          <a href={document.body.dataset.signinUrl || "/signin"} target="_blank">
            {w("signin")}
          </a>
        )}
      </p>
    </div>
  );
}

interface ProblemsProps {
  problems: { path: string; text: string; place: string }[];
  onJump: (path: string) => void;
}

/** Problems lists what keeps a definition from being published; each leads to its place. */
export function Problems({ problems, onJump }: ProblemsProps) {
  if (problems.length === 0) return <p class="hint">{w("problems_none")}</p>;
  return (
    <section class="d-problems" aria-label={w("problems")}>
      <h2>{w("problems_n", { n: problems.length })}</h2>
      <ul>
        {problems.map((p) => (
          <li>
            <button type="button" class="linklike" onClick={() => onJump(p.path)}>
              {p.place}
            </button>{" "}
            {p.text}
          </li>
        ))}
      </ul>
    </section>
  );
}
