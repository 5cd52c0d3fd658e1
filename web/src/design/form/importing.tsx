// Questions from a spreadsheet: chosen, read by the server, looked through, and then put into the form.
import { useState } from "preact/hooks";
import { say } from "../../texts";
import { Dialog } from "../dialog";
import type { Section } from "../shared";
import { w } from "../words";
import { useDesk } from "./context";
import * as m from "./model";

interface Read {
  sections: Section[];
  questions: number;
  remarks: { row: number; column: string; text: string }[];
  detail?: string; // why nothing could be read
}

/** ImportDialog reads a file and takes its questions over. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const desk = useDesk();
  const [read, set] = useState<Read>();
  const [busy, work] = useState(false);
  const choose = async (file?: File) => {
    if (!file) return;
    work(true);
    const body = new FormData();
    body.append("file", file);
    let found: Read = { sections: [], questions: 0, remarks: [], detail: w("import_failed") };
    try {
      const answer = await fetch(desk.start.url + "/import", { method: "POST", body, headers: { Accept: "application/json" }, redirect: "manual" });
      found = { ...found, detail: undefined, ...((await answer.json()) as Partial<Read>) };
      if (!answer.ok && !found.detail) found.detail = w("import_failed");
    } catch {
      // said below
    }
    work(false);
    set(found);
    say(found.detail ?? w("import_found", { n: found.questions, remarks: found.remarks.length }));
  };
  const take = () => {
    let d = desk.store.doc;
    const first = d.sections.length;
    for (const s of read!.sections) {
      const section = { ...s, key: m.freeKey(d.sections.map((x) => x.key), s.key), fields: [] as Section["fields"] };
      d = { ...d, sections: [...d.sections, section] };
      for (const f of s.fields) {
        const i = d.sections.length - 1;
        d = m.splice(d, m.pathOf({ s: i, f: d.sections[i].fields.length }), 0, [m.fitted(d, f)]);
      }
    }
    desk.store.change(d);
    desk.select(m.pathOf({ s: first }), "row");
    say(w("import_done", { n: read!.questions }));
    onClose();
  };
  return (
    <Dialog
      title={w("import_title")}
      wide={!!read?.remarks.length}
      onClose={onClose}
      actions={
        read &&
        read.questions > 0 && (
          <button type="button" class="btn primary" onClick={take}>
            {w("import_take", { n: read.questions })}
          </button>
        )
      }
    >
      <p>{w("import_lead")}</p>
      <p>
        <a href={desk.start.template} download>
          {w("import_template")}
        </a>
      </p>
      <label class="label" for="d-import">
        {w("import_file")}
      </label>
      <input id="d-import" type="file" accept=".xlsx,.csv" onChange={(e) => void choose(e.currentTarget.files?.[0])} />
      {busy && <p>{w("import_busy")}</p>}
      {read?.detail && <p class="field-error">{read.detail}</p>}
      {read && !read.detail && <p>{w("import_found", { n: read.questions, remarks: read.remarks.length })}</p>}
      {!!read?.remarks.length && (
        <div class="table-box">
          <table>
            <caption>{w("import_remarks")}</caption>
            <thead>
              <tr>
                <th scope="col">{w("import_row")}</th>
                <th scope="col">{w("import_column")}</th>
                <th scope="col">{w("import_text")}</th>
              </tr>
            </thead>
            <tbody>
              {read.remarks.map((r) => (
                <tr>
                  <th scope="row">{r.row || ""}</th>
                  <td>{r.column}</td>
                  <td>{r.text}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  );
}
