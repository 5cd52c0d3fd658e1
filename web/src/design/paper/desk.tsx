// What the designers of papers and licences share: the list of blocks with the settings of the chosen one, the sheet, and the sample beside it.
import { useEffect, useState } from "preact/hooks";
import type { ComponentChildren } from "preact";
import { say } from "../../texts";
import { Bar, Problems } from "../bar";
import { Act, Check, Held, Select } from "../inputs";
import type { Problem } from "../shared";
import type { Store } from "../store";
import { w } from "../words";
import { BlockSettings } from "./block";
import { blockOf, flowKinds, fresh, moved, placed, placedKinds, put, shifted, tenth, type Block, type Codec, type Laid, type Name, type Note } from "./model";
import { Sheet } from "./page";
import { Preview, useTrial } from "./preview";

interface Props<T extends Laid> {
  store: Store<T>;
  url: string;
  codec: Codec;
  names: Name[];
  purpose: string;
  facts: (number: string) => ComponentChildren; // settings of the whole; number is what the pattern gives
  placeOf: (path: string) => string;
  bar?: ComponentChildren;
  laid?: boolean; // false: it is not printed here
}

/** blockName says what a block is, in a few words. */
export function blockName(b: Block, codec: Codec): string {
  const text = codec.show(b.text || (b.rows ?? []).flat().join(" ")).replace(/\s+/g, " ").trim();
  return w("paper_kind_" + b.kind) + (text ? `：${[...text].slice(0, 24).join("")}` : "");
}

/** Desk lays out a definition that is printed. */
export function Desk<T extends Laid>(p: Props<T>) {
  const { store, codec } = p;
  const [selected, select] = useState(-1);
  const [tab, turn] = useState<"sheet" | "sample">("sheet");
  const doc = store.doc;
  const { layout } = doc;
  const { blocks } = layout;
  const trial = useTrial(doc, p.url);
  const notes = (trial.printed?.notes ?? []).filter((n) => !told(n, store.problems));
  const of = (list: { path: string; text: string }[], i: number) => list.filter((x) => blockOf(x.path) === i);
  const bad = new Set([...store.problems, ...notes.filter((n) => n.level !== "note")].map((x) => blockOf(x.path)).filter((i) => i >= 0));

  useEffect(() => {
    if (selected >= blocks.length) select(-1);
  }, [blocks.length]);

  const change = (next: Block[], tag = "") => store.change(put(doc, next), tag);
  const set = (i: number, b: Block, tag?: string) => change(blocks.map((x, j) => (j === i ? b : x)), tag && `block${i}.${tag}`);
  const go = (i: number, words: string) => {
    select(i);
    say(words);
    focusRow(i, "nearest");
  };
  const add = (kind: string, at?: { x: number; y: number }) => {
    const b = fresh(kind, at, p.purpose, w);
    const i = selected >= 0 ? selected + 1 : blocks.length;
    change([...blocks.slice(0, i), b, ...blocks.slice(i)]);
    go(i, w("paper_added", { name: w("paper_kind_" + kind), n: i + 1 }));
  };
  const order = (i: number, by: number) => {
    const to = i + by;
    if (to < 0 || to >= blocks.length) return;
    change(moved(blocks, i, to));
    go(to, w("paper_moved_to", { name: blockName(blocks[i], codec), n: to + 1 }));
  };
  const spoken = (b: Block) => w("paper_now_at", { name: blockName(b, codec), x: b.x ?? 0, y: b.y ?? 0 });
  const shift = (i: number, dx: number, dy: number) => {
    const b = shifted(blocks[i], dx, dy, layout);
    set(i, b, "place");
    say(spoken(b));
  };
  const drop = (i: number) => {
    change(blocks.filter((_, j) => j !== i));
    select(-1);
    say(w("paper_dropped", { name: blockName(blocks[i], codec) }));
    focusRow(Math.min(i, blocks.length - 2), "nearest");
  };
  const copy = (i: number) => {
    const b = placed(blocks[i]) ? shifted(blocks[i], 5, 5, layout) : { ...blocks[i] };
    change([...blocks.slice(0, i + 1), b, ...blocks.slice(i + 1)]);
    go(i + 1, w("paper_copied", { name: blockName(b, codec) }));
  };
  const keys = (e: KeyboardEvent, i: number) => {
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[e.key];
    if (!way || store.closed || e.altKey || e.ctrlKey || e.metaKey) return;
    e.preventDefault();
    const step = e.shiftKey ? 10 : 1;
    if (placed(blocks[i])) shift(i, way[0] * step, way[1] * step);
    else if (way[1]) order(i, way[1]);
  };
  const jump = (path: string) => {
    const i = blockOf(path);
    if (i >= 0) {
      select(i);
      focusRow(i, "start");
    } else focusField(path);
  };
  const size = (paper: string) => store.change({ ...doc, layout: { ...layout, paper } });
  const laid = p.laid !== false;

  return (
    <>
      <Bar store={store}>{p.bar}</Bar>
      <div class="d-panes p-panes">
        <div class="p-left">
          <Problems problems={store.problems.map((x: Problem) => ({ ...x, place: blockOf(x.path) >= 0 && blocks[blockOf(x.path)] ? blockName(blocks[blockOf(x.path)], codec) : p.placeOf(x.path) }))} onJump={jump} />
          <Held closed={store.closed}>{p.facts(trial.printed?.number ?? "")}</Held>
          {laid && (
            <section class="d-pane" aria-label={w("paper_layout")}>
              <h2>{w("paper_layout")}</h2>
              <fieldset class="d-plain d-two" disabled={store.closed}>
                <Select label={w("paper_sheet")} name="sheet" value={layout.paper} options={["A4", "A4L"].map((v) => ({ value: v, label: w("paper_sheet_" + v) }))} onChange={size} />
                <Check label={w("paper_page_numbers")} value={!layout.no_page_numbers} onChange={(on) => store.change({ ...doc, layout: { ...layout, no_page_numbers: on ? undefined : true } })} />
              </fieldset>
              <p class="hint" id="p-how">
                {w("paper_how")}
              </p>
              <ol class="p-blocks">
                {blocks.map((b, i) => (
                  <li class={i === selected ? "on" : ""}>
                    <button type="button" class="d-row" aria-expanded={i === selected} aria-describedby="p-how" data-row={i} onClick={() => select(i === selected ? -1 : i)} onKeyDown={(e) => keys(e, i)}>
                      <span class="d-no">{i + 1}</span>
                      <span class="p-name">
                        {blockName(b, codec)}
                        {placed(b) && <span class="hint">{w("paper_at", { x: tenth(b.x ?? 0), y: tenth(b.y ?? 0) })}</span>}
                      </span>
                      {bad.has(i) && <span class="tag warn">{w("paper_bad")}</span>}
                    </button>
                    {i === selected && (
                      <div class="p-open">
                        <ul class="p-notes plain-list">
                          {[...of(store.problems, i), ...of(notes, i)].map((n) => (
                            <li class={"level" in n ? String(n.level) : "bad"}>{n.text}</li>
                          ))}
                        </ul>
                        {!store.closed && (
                          <div class="actions">
                            {placed(b) &&
                              ([["left", -1, 0], ["right", 1, 0], ["upward", 0, -1], ["downward", 0, 1]] as const).map(([name, dx, dy]) => <Act label={w("paper_" + name)} of={w("paper_one_mm")} name={name} on={() => shift(i, dx, dy)} />)}
                            <Act label={w(placed(b) ? "paper_below" : "up")} of={blockName(b, codec)} name="up" off={i === 0} on={() => order(i, -1)} />
                            <Act label={w(placed(b) ? "paper_above" : "down")} of={blockName(b, codec)} name="down" off={i === blocks.length - 1} on={() => order(i, 1)} />
                            <Act label={w("copy")} of={blockName(b, codec)} name="copy" on={() => copy(i)} />
                            <Act label={w("delete")} of={blockName(b, codec)} name="drop" kind="danger" on={() => drop(i)} />
                          </div>
                        )}
                        <Held closed={store.closed}>
                          <BlockSettings key={i + b.kind} block={b} codec={codec} names={p.names} onChange={(x, tag) => set(i, x, tag)} />
                        </Held>
                      </div>
                    )}
                  </li>
                ))}
              </ol>
              {blocks.length === 0 && <p class="hint">{w("paper_empty")}</p>}
              {!store.closed && <Palette onAdd={add} />}
            </section>
          )}
        </div>
        {laid && (
          <div class="p-right">
            <div class="d-tabs" role="tablist" aria-label={w("paper_views")}>
              {(["sheet", "sample"] as const).map((v) => (
                <button type="button" role="tab" id={"p-tab-" + v} aria-selected={tab === v} aria-controls={"p-view-" + v} onClick={() => turn(v)}>
                  {w("paper_view_" + v)}
                </button>
              ))}
            </div>
            <div class={"p-views " + tab}>
              <div class="p-view-sheet" id="p-view-sheet" role="tabpanel" aria-labelledby="p-tab-sheet">
                <p class="hint">{w("paper_sheet_lead")}</p>
                <Sheet
                  layout={layout}
                  codec={codec}
                  selected={selected}
                  bad={bad}
                  closed={store.closed}
                  onSelect={(i, done) => {
                    select(i);
                    focusRow(i, done ? "start" : undefined);
                  }}
                  onMove={(i, b, done) => {
                    set(i, b, "drag");
                    if (done) say(spoken(b));
                  }}
                />
              </div>
              <div class="p-view-sample" id="p-view-sample" role="tabpanel" aria-labelledby="p-tab-sample">
                <Preview doc={doc} trial={trial} notes={notes} onJump={jump} placeOf={(path) => (blocks[blockOf(path)] ? blockName(blocks[blockOf(path)], codec) : p.placeOf(path))} />
              </div>
            </div>
          </div>
        )}
      </div>
    </>
  );
}

/** Palette lists what can be added. */
function Palette({ onAdd }: { onAdd: (kind: string, at?: { x: number; y: number }) => void }) {
  const group = (name: string, kinds: string[], at?: { x: number; y: number }) => (
    <div role="group" aria-label={w(name)}>
      <h3>{w(name)}</h3>
      <div class="d-kinds">
        {kinds.map((k) => (
          <button type="button" class="btn small" data-add={at ? k : k + "-flow"} onClick={() => onAdd(k, at)}>
            {w("paper_kind_" + k)}
          </button>
        ))}
      </div>
    </div>
  );
  return (
    <div class="p-palette">
      {group("paper_add_flow", flowKinds)}
      {group("paper_add_placed", placedKinds, { x: 20, y: 20 })}
    </div>
  );
}

/** told says whether the check found what a sample remarks on: the same character in the same block. */
function told(n: Note, problems: Problem[]): boolean {
  const code = /U\+[0-9A-F]+/.exec(n.text)?.[0];
  return !!code && problems.some((p) => p.path === n.path && p.text.includes(code));
}

/** focusRow puts the keyboard on a block's row once it is drawn, and the row where to says. */
function focusRow(i: number, to?: ScrollLogicalPosition): void {
  requestAnimationFrame(() => {
    const row = document.querySelector<HTMLElement>(`[data-row="${i}"]`);
    row?.focus({ preventScroll: true });
    if (to) row?.scrollIntoView({ block: to });
  });
}

/** focusField puts the keyboard on the input a problem is about: the nearest one up its path. */
function focusField(path: string): void {
  for (let at = path; at; at = at.slice(0, at.lastIndexOf("/"))) {
    const input = document.querySelector<HTMLElement>(`[data-name="${CSS.escape(at)}"]`);
    if (!input) continue;
    input.closest("details")?.setAttribute("open", "");
    input.scrollIntoView({ block: "center" });
    input.focus();
    return;
  }
}
