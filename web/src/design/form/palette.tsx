// The library of shared questions and the kinds of question: one click adds one.
import { useState } from "preact/hooks";
import { w } from "../words";
import { add, addSection, useDesk, type Shared } from "./context";
import * as m from "./model";

/** Palette offers what can be added. */
export function Palette() {
  const desk = useDesk();
  const [find, search] = useState("");
  const fits = (s: string) => s.toLowerCase().includes(find.trim().toLowerCase());
  const terms = m.termsOf(desk.store.doc);
  const library = desk.start.library.filter((x) => fits(x.field.label + x.field.term + x.field.hint));
  const kindsFound = Object.values(m.kinds).flat().some((k) => fits(w("kind_" + k)));
  const groups = [...new Set(library.map((x) => x.group))];
  return (
    <section class="d-pane d-palette" aria-labelledby="d-palette">
      <h2 id="d-palette">{w("palette")}</h2>
      <label class="label" for="d-find">
        {w("palette_find")}
      </label>
      <input id="d-find" type="search" value={find} onInput={(e) => search(e.currentTarget.value)} autocomplete="off" />
      <button type="button" class="btn small d-add" onClick={() => addSection(desk)}>
        <Plus />
        {w("add_page")}
      </button>
      {groups.length > 0 && <h3>{w("palette_library")}</h3>}
      {groups.map((g) => (
        <details class="more" open={!!find.trim()}>
          <summary>{g}</summary>
          <div class="d-kinds">
            {library
              .filter((x) => x.group === g)
              .map((x) => (
                <LibraryButton x={x} asked={terms.includes(x.field.term ?? "")} />
              ))}
          </div>
        </details>
      ))}
      {kindsFound && <h3>{w("palette_kinds")}</h3>}
      {Object.entries(m.kinds).map(([group, kinds]) => {
        const shown = kinds.filter((k) => fits(w("kind_" + k)));
        return (
          shown.length > 0 && (
            <div role="group" aria-label={w("kinds_" + group)} class="d-kinds">
              {shown.map((k) => (
                <button type="button" class="btn small d-add" onClick={() => add(desk, (d) => m.made(d, k, w("kind_" + k), (n) => w("choice_n", { n })), "label")}>
                  <Plus />
                  {w("kind_" + k)}
                </button>
              ))}
            </div>
          )
        );
      })}
      {groups.length === 0 && !kindsFound && <p class="hint">{w("palette_nothing")}</p>}
    </section>
  );
}

function LibraryButton({ x, asked }: { x: Shared; asked: boolean }) {
  const desk = useDesk();
  return (
    <button type="button" class="btn small d-add" onClick={() => add(desk, (d) => m.fitted(d, x.field))} title={x.field.hint}>
      <Plus />
      {x.field.label}
      {asked && <span class="tag">{w("palette_asked")}</span>}
      <span class="vh">{w("palette_more", { kind: w("kind_" + x.field.kind), n: x.uses })}</span>
    </button>
  );
}

const Plus = () => <span aria-hidden="true">＋</span>;
