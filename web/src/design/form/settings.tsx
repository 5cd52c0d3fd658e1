// The settings of what is selected: the form, a page, a question or a column.
import type { ComponentChildren } from "preact";
import { ConditionPicker } from "../condition";
import { Act, Check, Held, Num, Select, Text } from "../inputs";
import { tidy, type Field, type Section } from "../shared";
import { w } from "../words";
import { gone, problemOf, useDesk, whereIs } from "./context";
import { Columns, Compute, DateLimit, Options } from "./kinds";
import * as m from "./model";

/** Settings shows the pane for the selected place. */
export function Settings() {
  const desk = useDesk();
  const x = m.at(desk.store.doc, desk.selected);
  return (
    <div class="d-settings" key={desk.selected}>
      <Held closed={desk.store.closed}>
        <legend class="vh">{w("settings")}</legend>
        {!x ? <FormSettings /> : "fields" in x ? <SectionSettings s={x} /> : <FieldSettings f={x} />}
      </Held>
    </div>
  );
}

function Head({ children }: { children: ComponentChildren }) {
  return <h3 class="d-head">{children}</h3>;
}

function FormSettings() {
  const { store } = useDesk();
  return (
    <>
      <Head>{w("the_form")}</Head>
      <Text label={w("form_title")} hint={w("form_title_hint")} name="title" value={store.doc.title} onChange={(title) => store.change({ ...store.doc, title }, "title")} />
    </>
  );
}

function SectionSettings({ s }: { s: Section }) {
  const { store, selected } = useDesk();
  const set = (part: Partial<Section>, tag?: string) => store.change(m.put(store.doc, selected, tidy({ ...s, ...part })), tag && selected + tag);
  const p = (...names: string[]) => problemOf(store.problems, selected, ...names);
  return (
    <>
      <Head>{whereIs(store.doc, selected)}</Head>
      <Text label={w("page_title")} name="title" value={s.title} problem={p("title", "key")} onChange={(title) => set({ title }, "title")} />
      <Text label={w("hint")} hint={w("page_hint_hint")} lines={2} optional value={s.hint} onChange={(hint) => set({ hint }, "hint")} />
      <ConditionPicker label={w("when")} always={w("always")} none={w("when_none")} gone={(key) => gone(store.doc, key)} value={s.when} questions={m.before(store.doc, selected)} problem={p("when")} onChange={(when) => set({ when }, "when")} />
    </>
  );
}

const levels = ["name", "id", "phone", "address"];
const tokens = ["name", "tel-national", "email", "street-address", "bday", "organization", "off"];

function FieldSettings({ f }: { f: Field }) {
  const desk = useDesk();
  const { store, selected } = desk;
  const column = m.placeOf(selected).c !== undefined;
  const set = (part: Partial<Field>, tag?: string) => store.change(m.put(store.doc, selected, tidy({ ...f, ...part })), tag && selected + tag);
  const p = (...names: string[]) => problemOf(store.problems, selected, ...names);
  const kinds = (column ? m.columnKinds : Object.values(m.kinds).flat()).map((k) => ({ value: k, label: w("kind_" + k) }));
  const choice = (n: number) => w("choice_n", { n });
  const data = m.hasTerm(f.kind);
  return (
    <>
      <Head>{whereIs(store.doc, selected)}</Head>
      {column && <Act label={w("back_to_table")} on={() => desk.select(m.pathOf({ ...m.placeOf(selected), c: undefined }), "row")} />}
      <Text label={f.kind === "notice" ? w("label_notice") : f.kind === "declaration" ? w("label_declaration") : w("label")} lines={f.kind === "declaration" ? 3 : undefined} name="label" value={f.label} problem={p("label")} onChange={(label) => set({ label }, "label")} />
      <Text label={f.kind === "notice" ? w("text_notice") : w("hint")} hint={f.kind === "notice" ? undefined : w("hint_hint")} lines={2} optional value={f.hint} onChange={(hint) => set({ hint }, "hint")} />
      <Select label={w("kind")} value={f.kind} options={kinds} problem={p("kind")} onChange={(kind) => store.change(m.put(store.doc, selected, m.ofKind(f, kind, choice)))} />
      {data && <Check label={w("required")} value={f.required} onChange={(required) => set({ required })} />}
      {m.hasOptions(f.kind) && f.kind !== "yesno" && <Options f={f} set={set} problem={p("options")} />}
      {f.kind === "table" && <Columns f={f} path={selected} set={set} problem={p("columns", "")} />}
      {f.kind === "computed" && <Compute f={f} path={selected} set={set} problem={p("compute")} />}
      {(f.kind === "number" || f.kind === "money") && (
        <div class="d-two">
          <Num label={f.kind === "money" ? w("min_yuan") : w("min")} optional value={f.min} problem={p("")} onChange={(min) => set({ min }, "min")} />
          <Num label={f.kind === "money" ? w("max_yuan") : w("max")} optional value={f.max} onChange={(max) => set({ max }, "max")} />
        </div>
      )}
      {(f.kind === "number" || f.kind === "computed") && <Text label={w("unit")} hint={w("unit_hint")} optional size="s" value={f.unit} onChange={(unit) => set({ unit }, "unit")} />}
      {(f.kind === "date" || f.kind === "date_range") && (
        <>
          <DateLimit label={w("min_date")} value={f.min_date} problem={p("")} onChange={(min_date) => set({ min_date })} />
          <DateLimit label={w("max_date")} value={f.max_date} onChange={(max_date) => set({ max_date })} />
        </>
      )}
      {["text", "textarea", "address"].includes(f.kind) && (
        <Num label={w("max_length")} hint={w("max_length_hint", { n: f.kind === "textarea" ? 2000 : 200 })} optional value={f.max_length} problem={p("")} onChange={(max_length) => set({ max_length }, "max_length")} />
      )}
      <ConditionPicker label={w("when")} always={w("always")} none={w("when_none")} gone={(key) => gone(store.doc, key)} value={f.when} questions={m.before(store.doc, selected)} problem={p("when")} onChange={(when) => set({ when }, "when")} />
      {data && !column && <Check label={w("read_only")} hint={w("read_only_hint")} value={f.read_only} onChange={(read_only) => set({ read_only })} />}
      <details class="more" open={!!p("key", "term", "pattern", "level")}>
        <summary>{w("advanced")}</summary>
        <div class="more-body">
          {data && !column && (
            <Text label={w("term")} hint={w("term_hint")} name="term" list={desk.start.library.map((x) => x.field.term ?? "")} value={f.term} problem={p("term")} onChange={(term) => set({ term: term.trim() }, "term")} />
          )}
          <Text label={w("key")} hint={column ? w("key_hint_column") : w("key_hint")} name="key" value={f.key} problem={p("key")} onChange={(key) => store.change(m.renamed(store.doc, selected, key.trim()), selected + "key")} />
          {data && <Select label={w("level")} hint={w("level_hint")} value={f.level ?? ""} empty={w("level_kind")} problem={p("level")} options={levels.map((v) => ({ value: v, label: w("level_" + v) }))} onChange={(level) => set({ level })} />}
          {data && !column && <Select label={w("autocomplete")} hint={w("autocomplete_hint")} value={f.autocomplete ?? ""} empty={w("autocomplete_none")} options={auto(f.autocomplete)} onChange={(autocomplete) => set({ autocomplete })} />}
          {(f.kind === "text" || f.kind === "textarea") && (
            <>
              <Text label={w("pattern")} hint={w("pattern_example")} optional value={f.pattern} problem={p("pattern")} onChange={(pattern) => set({ pattern }, "pattern")} />
              <Text label={w("pattern_hint")} hint={w("pattern_hint_hint")} optional value={f.pattern_hint} onChange={(pattern_hint) => set({ pattern_hint }, "pattern_hint")} />
            </>
          )}
        </div>
      </details>
    </>
  );
}

function auto(held?: string) {
  return [...new Set(held ? [...tokens, held] : tokens)].map((v) => ({ value: v, label: tokens.includes(v) ? w("autocomplete_" + v) : v }));
}
