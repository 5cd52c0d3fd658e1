// Settings that only some kinds of question have: choices, columns, sums, limits of dates.
import { useState } from "preact/hooks";
import { say } from "../../texts";
import { Act, Num, Select, Text } from "../inputs";
import { tidy, type Field, type Option } from "../shared";
import { w } from "../words";
import { useDesk } from "./context";
import * as m from "./model";

interface Props {
  f: Field;
  set: (part: Partial<Field>, tag?: string) => void;
  problem?: string;
}

/** Options edits choices one by one, or as a list that is pasted. */
export function Options({ f, set, problem }: Props) {
  const [pasting, paste] = useState<string>();
  const list = f.options ?? [];
  const put = (i: number, o: Option) => set({ options: list.map((x, j) => (j === i ? tidy(o) : x)) }, "option" + i);
  const move = (i: number, by: number) => {
    const next = [...list];
    [next[i], next[i + by]] = [next[i + by], next[i]];
    set({ options: next });
    say(w("moved_choice", { name: list[i].label, n: i + by + 1 }));
    requestAnimationFrame(() => document.querySelectorAll<HTMLElement>(".d-options li")[i + by]?.querySelector<HTMLElement>(`[data-act=${by < 0 ? "up" : "down"}]`)?.focus());
  };
  const take = () => {
    const next = m.listed(pasting!, list);
    set({ options: next });
    paste(undefined);
    say(w("choices_taken", { n: next.length }));
  };
  return (
    <fieldset class={problem ? "field d-options has-error" : "field d-options"}>
      <legend class="label">{w("options")}</legend>
      {problem && <p class="field-error">{problem}</p>}
      {pasting !== undefined ? (
        <>
          <Text label={w("options_paste")} hint={w("options_paste_hint")} lines={8} value={pasting} onChange={paste} />
          <div class="actions">
            <Act label={w("options_take")} kind="primary" on={take} />
            <Act label={w("cancel")} on={() => paste(undefined)} />
          </div>
        </>
      ) : (
        <>
          <ol>
            {list.map((o, i) => (
              <li>
                <input type="text" aria-label={w("choice_label_n", { n: i + 1 })} value={o.label} onInput={(e) => put(i, { ...o, label: e.currentTarget.value })} autocomplete="off" />
                <details>
                  <summary>{w("choice_more")}<span class="vh">{o.label}</span></summary>
                  <Text label={w("choice_value")} hint={w("choice_value_hint")} value={o.value} onChange={(value) => put(i, { ...o, value })} />
                  <Text label={w("hint")} optional value={o.hint} onChange={(hint) => put(i, { ...o, hint })} />
                </details>
                <div class="actions">
                  <Act label={w("up")} of={o.label} name="up" off={i === 0} on={() => move(i, -1)} />
                  <Act label={w("down")} of={o.label} name="down" off={i === list.length - 1} on={() => move(i, 1)} />
                  <Act label={w("delete")} of={o.label} name="delete" on={() => (set({ options: list.filter((_, j) => j !== i) }), say(w("removed", { name: o.label })))} />
                </div>
              </li>
            ))}
          </ol>
          <div class="actions">
            <Act label={w("choice_add")} on={() => set({ options: [...list, fresh(list)] })} />
            <Act label={w("options_as_list")} on={() => paste(list.map((o) => o.label).join("\n"))} />
          </div>
        </>
      )}
    </fieldset>
  );
}

function fresh(list: Option[]): Option {
  const n = list.length + 1;
  return { value: m.freeKey(list.map((o) => o.value), String(n)), label: w("choice_n", { n }) };
}

/** Columns edits the columns of a table and how many rows it has. */
export function Columns({ f, path, set, problem }: Props & { path: string }) {
  const desk = useDesk();
  const list = f.columns ?? [];
  const at = (i: number) => `${path}/columns/${i}`;
  const move = (i: number, by: 1 | -1) => {
    desk.store.change(m.move(desk.store.doc, at(i), at(i + by)));
    say(w("moved_column", { name: list[i].label, n: i + by + 1 }));
    requestAnimationFrame(() => document.querySelectorAll<HTMLElement>(".d-columns li")[i + by]?.querySelector<HTMLElement>(`[data-act=${by < 0 ? "up" : "down"}]`)?.focus());
  };
  const add = () => {
    const key = m.freeKey(list.map((c) => c.key), `c${list.length + 1}`);
    set({ columns: [...list, { key, kind: "text", label: w("column_n", { n: list.length + 1 }), required: true }] });
    desk.select(at(list.length), "label");
  };
  return (
    <>
      <fieldset class={problem ? "field d-columns has-error" : "field d-columns"}>
        <legend class="label">{w("columns")}</legend>
        {problem && <p class="field-error">{problem}</p>}
        {list.length === 0 && <p class="hint">{w("columns_none")}</p>}
        <ol>
          {list.map((c, i) => (
            <li>
              <button type="button" class="linklike" onClick={() => desk.select(at(i), "label")}>
                {c.label || w("unnamed")} <span class="tag">{w("kind_" + c.kind)}</span>
              </button>
              <div class="actions">
                <Act label={w("up")} of={c.label} name="up" off={i === 0} on={() => move(i, -1)} />
                <Act label={w("down")} of={c.label} name="down" off={i === list.length - 1} on={() => move(i, 1)} />
                <Act label={w("delete")} of={c.label} name="delete" on={() => (desk.store.change(m.splice(desk.store.doc, at(i), 1, [])), say(w("removed", { name: c.label })))} />
              </div>
            </li>
          ))}
        </ol>
        <Act label={w("column_add")} on={add} />
      </fieldset>
      <div class="d-two">
        <Num label={w("min_rows")} optional value={f.min_rows} onChange={(min_rows) => set({ min_rows }, "min_rows")} />
        <Num label={w("max_rows")} optional value={f.max_rows} onChange={(max_rows) => set({ max_rows }, "max_rows")} />
      </div>
    </>
  );
}

/** Compute chooses what a computed field counts or adds up. */
export function Compute({ f, path, set, problem }: Props & { path: string }) {
  const { store } = useDesk();
  const place = m.placeOf(path);
  const tables = m.all(store.doc).filter((x) => x.field.kind === "table" && (m.placeOf(x.path).s! < place.s! || (m.placeOf(x.path).s === place.s && m.placeOf(x.path).f! < place.f!)));
  const options = tables.flatMap(({ field }) => [
    { value: `count(${field.key})`, label: w("compute_count", { table: field.label }) },
    ...(field.columns ?? []).filter((c) => c.kind === "number" || c.kind === "money").map((c) => ({ value: `sum(${field.key}.${c.key})`, label: w("compute_sum", { table: field.label, column: c.label }) })),
  ]);
  if (f.compute && !options.some((o) => o.value === f.compute)) options.push({ value: f.compute, label: f.compute });
  return <Select label={w("compute")} hint={options.length ? undefined : w("compute_none")} value={f.compute ?? ""} empty={w("choose")} options={options} problem={problem} onChange={(compute) => set({ compute })} />;
}

interface DateProps {
  label: string;
  value?: string;
  problem?: string;
  onChange: (value: string | undefined) => void;
}

/** DateLimit chooses a limit of a date: none, a day counted from the day of filling in, or a fixed day. */
export function DateLimit({ label, value, problem, onChange }: DateProps) {
  const m = /^today(?:([+-])(\d+))?$/.exec(value ?? "");
  const kind = !value ? "" : m ? (m[1] === "+" ? "after" : m[1] === "-" ? "before" : "today") : "day";
  const change = (k: string) => onChange({ "": undefined, today: "today", after: "today+30", before: "today-365", day: String(new Date().getFullYear()) + "-01-01" }[k]);
  return (
    <div class="d-two">
      <Select label={label} value={kind} problem={problem} empty={w("date_none")} options={["today", "after", "before", "day"].map((v) => ({ value: v, label: w("date_" + v) }))} onChange={change} />
      {(kind === "after" || kind === "before") && <Num label={w("days")} value={Number(m![2])} onChange={(n) => n !== undefined && n >= 0 && n < 100000 && onChange(`today${m![1]}${Math.round(n)}`)} />}
      {kind === "day" && <Text label={w("date_on")} hint="2026-01-31" value={value} onChange={onChange} />}
    </div>
  );
}
