// The form designer: library and kinds, the form as a list, and the settings of what is selected, with the preview beside them.
import { useEffect, useMemo, useState } from "preact/hooks";
import { Bar, Problems } from "../bar";
import { Act } from "../inputs";
import { Store, useStore } from "../store";
import { ClashDialog, DifferenceDialog } from "../versions";
import { w } from "../words";
import { DeskContext, placeText, plain, remember, whereIs, type Desk, type FormStart } from "./context";
import { words } from "./describe";
import { ImportDialog } from "./importing";
import { List } from "./list";
import { difference, merged } from "./merge";
import * as m from "./model";
import { MoveDialog } from "./moving";
import { Palette } from "./palette";
import { Preview } from "./preview";
import { Settings } from "./settings";

/** formDesigner makes the designer of a page. */
export function formDesigner(start: FormStart) {
  return <Designer start={start} />;
}

const wideQuery = "(min-width: 96rem)"; // room for settings and preview side by side

function Designer({ start }: { start: FormStart }) {
  const store = useStore(useMemo(() => (remember(start.definition), new Store(start, m.mended)), []));
  const [selected, choose] = useState(start.definition.sections.length ? "/sections/0" : "");
  const [dialog, show] = useState("");
  const [tab, turn] = useState("settings");
  const wide = useWide();
  remember(store.doc);
  const select = (path: string, focus?: string) => {
    choose(path);
    if (!wide && focus && !focus.startsWith("act:") && focus !== "row") turn("settings");
    if (focus) window.setTimeout(() => focusOn(path, focus), 0);
  };
  const here = path(store.doc, selected);
  const desk: Desk = { start, store, selected: here, select, show };
  const jump = (p: string) => {
    turn("settings");
    select(m.ownerOf(p), p.slice(m.ownerOf(p).length).split("/")[1] || "row");
  };
  const pane = (name: string) => wide || tab === name;
  return (
    <DeskContext.Provider value={desk}>
      <Bar store={store}>
        {!store.closed && <Act label={w("import")} on={() => show("import")} />}
        {start.published && <Act label={w("diff")} name="difference" on={() => show("difference")} />}
      </Bar>
      <Problems problems={store.problems.map((p) => ({ ...p, text: plain(p.text), place: placeText(store.doc, p.path) }))} onJump={jump} />
      <div class={"d-panes" + (store.closed ? " d-closed" : "")}>
        {!store.closed && <Palette />}
        <List />
        <section class="d-pane d-side" aria-label={w("side")}>
          <div class="tabs d-tabs" role="tablist" aria-label={w("side")}>
            {["settings", "preview"].map((name) => (
              <button type="button" role="tab" id={"d-tab-" + name} aria-selected={tab === name} aria-controls={"d-panel-" + name} tabIndex={tab === name ? 0 : -1} onClick={() => turn(name)} onKeyDown={arrows(tab, turn)}>
                {w(name)}
              </button>
            ))}
          </div>
          <div class="d-both">
            <div role={wide ? "group" : "tabpanel"} id="d-panel-settings" aria-labelledby="d-tab-settings" hidden={!pane("settings")}>
              <Settings />
            </div>
            <div role={wide ? "group" : "tabpanel"} id="d-panel-preview" aria-labelledby="d-tab-preview" hidden={!pane("preview")}>
              {pane("preview") && <Preview />}
            </div>
          </div>
        </section>
      </div>
      <p class="vh">{whereIs(store.doc, here)}</p>
      {dialog === "move" && <MoveDialog onClose={() => show("")} />}
      {dialog === "import" && <ImportDialog onClose={() => show("")} />}
      {dialog === "difference" && start.published && <DifferenceDialog rows={difference(start.published, store.doc, start.published, words)} onClose={() => show("")} />}
      {store.state === "moved" && store.clash && (
        <ClashDialog
          rows={difference(store.clash.base, store.doc, store.clash.theirs, words)}
          by={store.clash.by}
          onSettle={(choices) => store.settle(merged(store.doc, store.clash!.theirs, choices))}
        />
      )}
    </DeskContext.Provider>
  );
}

/** path gives the selected place, or what is left of it after an undo. */
function path(d: Desk["store"]["doc"], selected: string): string {
  if (m.at(d, selected) || selected === "") return selected;
  const p = m.placeOf(selected);
  const up = m.pathOf(p.c !== undefined ? { s: p.s, f: p.f } : { s: p.s });
  return m.at(d, up) ? up : "";
}

function useWide(): boolean {
  const [wide, set] = useState(() => matchMedia(wideQuery).matches);
  useEffect(() => {
    const q = matchMedia(wideQuery);
    const on = () => set(q.matches);
    q.addEventListener("change", on);
    return () => q.removeEventListener("change", on);
  }, []);
  return wide;
}

/** focusOn puts the keyboard where the last act left it: a button of the row, the row itself, or one setting. */
function focusOn(path: string, what: string): void {
  const row = document.querySelector(`[data-path="${path}"]`);
  const setting = () => {
    const e = document.querySelector<HTMLElement>(`.d-settings [data-name="${what}"]`);
    e?.closest("details")?.setAttribute("open", "");
    return e?.matches("fieldset") ? e.querySelector<HTMLElement>("button, select, input") : e;
  };
  const e = what.startsWith("act:") ? row?.querySelector<HTMLElement>(`[data-act="${what.slice(4)}"]`) : what === "row" ? row?.querySelector<HTMLElement>("[data-act=row]") : (setting() ?? row?.querySelector<HTMLElement>("[data-act=row]"));
  e?.focus();
  if ((what === "label" || what === "title") && e instanceof HTMLInputElement) e.select();
}

/** arrows moves between tabs, as tab lists do. */
function arrows(tab: string, turn: (name: string) => void) {
  return (e: KeyboardEvent) => {
    if (e.key !== "ArrowLeft" && e.key !== "ArrowRight") return;
    const next = tab === "settings" ? "preview" : "settings";
    turn(next);
    document.getElementById("d-tab-" + next)?.focus();
  };
}
