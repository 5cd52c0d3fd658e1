// 移到…: any place of the form, without dragging.
import { useState } from "preact/hooks";
import { Dialog } from "../dialog";
import { Select } from "../inputs";
import { w } from "../words";
import { moveTo, nameOf, useDesk } from "./context";
import * as m from "./model";

/** MoveDialog asks where the selected question goes. */
export function MoveDialog({ onClose }: { onClose: () => void }) {
  const desk = useDesk();
  const d = desk.store.doc;
  const from = desk.selected;
  const place = m.placeOf(from);
  const without = m.splice(d, from, 1, []);
  const [page, turn] = useState(String(place.s));
  const [behind, put] = useState("0");
  const fields = without.sections[Number(page)]?.fields ?? [];
  const go = () => {
    onClose();
    moveTo(desk, from, m.pathOf({ s: Number(page), f: Number(behind) }), "move");
  };
  return (
    <Dialog
      title={w("move_title", { name: nameOf(d, from) })}
      onClose={onClose}
      actions={
        <button type="button" class="btn primary" onClick={go}>
          {w("move_go")}
        </button>
      }
    >
      <Select
        label={w("move_page")}
        value={page}
        options={d.sections.map((s, i) => ({ value: String(i), label: w("page_named", { n: i + 1, name: s.title }) }))}
        onChange={(v) => {
          turn(v);
          put("0");
        }}
      />
      <Select
        label={w("move_place")}
        value={behind}
        options={[{ value: "0", label: w("move_first") }, ...fields.map((f, i) => ({ value: String(i + 1), label: w("move_behind", { name: f.label }) }))]}
        onChange={put}
      />
    </Dialog>
  );
}
