// The frame of a designer in two halves: the bar over it, and both ways to look at two versions of what it holds.
import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Bar } from "./bar";
import { Act } from "./inputs";
import type { Choices, Row } from "./merge";
import type { Store } from "./store";
import { ClashDialog, DifferenceDialog } from "./versions";
import { w } from "./words";

interface Props<T> {
  store: Store<T>;
  published?: T;
  rows: (base: T, mine: T, theirs: T) => Row[]; // where two versions differ
  merged: (mine: T, theirs: T, choices: Choices) => T;
  more?: ComponentChildren; // of the bar
  children: ComponentChildren; // both halves
}

/** Frame stands around the halves of a designer. */
export function Frame<T>({ store, published, rows, merged, more, children }: Props<T>) {
  const [looking, look] = useState(false);
  const mine = store.doc;
  return (
    <>
      <Bar store={store}>
        {published && <Act label={w("diff")} name="difference" on={() => look(true)} />}
        {more}
      </Bar>
      <div class="d-panes d-halves">{children}</div>
      {looking && published && <DifferenceDialog rows={rows(published, mine, published)} onClose={() => look(false)} />}
      {store.clash && <ClashDialog rows={rows(store.clash.base, mine, store.clash.theirs)} by={store.clash.by} onSettle={(c) => store.settle(merged(mine, store.clash!.theirs, c))} />}
    </>
  );
}

interface RowActsProps {
  of: string; // what people call the row
  i: number;
  count: number;
  drop: string; // words of the button that takes it out
  onSwap: (j: number) => void;
  onDrop: () => void;
}

/** RowActs are the buttons under a row of an ordered list. */
export function RowActs({ of, i, count, drop, onSwap, onDrop }: RowActsProps) {
  return (
    <div class="actions">
      <Act label={w("up")} of={of} off={i === 0} on={() => onSwap(i - 1)} />
      <Act label={w("down")} of={of} off={i === count - 1} on={() => onSwap(i + 1)} />
      <Act label={drop} of={of} kind="danger" on={onDrop} />
    </div>
  );
}

/** swapped gives a list with two of its rows exchanged. */
export function swapped<T>(list: T[], i: number, j: number): T[] {
  const out = [...list];
  [out[i], out[j]] = [out[j], out[i]];
  return out;
}

/** goTo brings a row into view and puts the keyboard on the first thing in it. */
export function goTo(attribute: string, value: string | undefined): void {
  const box = value && document.querySelector<HTMLElement>(`[${attribute}="${CSS.escape(value)}"]`);
  if (!box) return;
  box.scrollIntoView({ block: "center" });
  box.querySelector<HTMLElement>("input, textarea, button")?.focus();
}
