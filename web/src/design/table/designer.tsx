// The designer of decision tables: rows with conditions and what follows, and the cases they must answer rightly.
import { useMemo } from "preact/hooks";
import { say } from "../../texts";
import { Problems } from "../bar";
import { ConditionPicker, conditionText } from "../condition";
import { Frame, goTo, RowActs, swapped } from "../frame";
import { GivenInputs } from "../given";
import { Act, Check, Held, Select, Text } from "../inputs";
import { compare, type Choices, type Piece } from "../merge";
import { tidy, type Start } from "../shared";
import { Store, useStore } from "../store";
import { w } from "../words";
import { fitting, passes, used, type Case, type Row, type Table, type TableStart } from "./model";

/** tableDesigner makes the designer of a page. */
export function tableDesigner(start: Start<unknown>) {
  return <Designer start={start as TableStart} />;
}

function Designer({ start }: { start: TableStart }) {
  const store = useStore(useMemo(() => new Store<Table>(start), [start]));
  const d = store.doc;
  const tests = d.tests ?? [];
  const set = (more: Partial<Table>, tag = "") => store.change(tidy({ ...d, ...more }) as Table, tag);
  const rows = (next: Row[], tag = "") => store.change({ ...d, rows: next }, tag);
  const cases = (next: Case[], tag = "") => store.change({ ...d, tests: next }, tag);
  const problem = (at: string) => store.problems.find((p) => p.path === at || p.path.startsWith(at + "/"))?.text;
  const swap = (i: number, j: number) => {
    rows(swapped(d.rows, i, j));
    say(w("table_moved", { name: d.rows[i].name, n: j + 1 }));
  };
  const passed = tests.filter((t) => passes(d, t)).length;

  return (
    <Frame store={store} published={start.published} rows={(base, mine, theirs) => compare(pieces(base, start), pieces(mine, start), pieces(theirs, start))} merged={merged}>
      <section aria-label={w("table_rows")}>
        <Held closed={store.closed}>
          <Text label={w("table_name")} value={d.name} problem={problem("/name")} name="table-name" onChange={(name) => store.change({ ...d, name }, "name")} />
          <Select label={w("table_hit")} value={d.hit ?? "first"} options={[{ value: "first", label: w("table_hit_first") }, { value: "every", label: w("table_hit_every") }]} onChange={(hit) => set({ hit: hit === "first" ? undefined : hit })} />
        </Held>
        <Overview d={d} start={start} />
        <ol class="d-rows">
          {d.rows.map((r, i) => (
            <li class="d-group" data-row={r.name}>
              <Held closed={store.closed}>
                <RowSettings r={r} n={i + 1} start={start} problem={(p) => problem(`/rows/${i}${p}`)} general={store.problems.find((p) => p.path === `/rows/${i}`)?.text} onChange={(x, tag) => rows(d.rows.map((y, j) => (j === i ? x : y)), tag && `row${i}.${tag}`)} />
                <RowActs of={r.name} i={i} count={d.rows.length} drop={w("table_drop")} onSwap={(j) => swap(i, j)} onDrop={() => rows(d.rows.filter((_, j) => j !== i))} />
              </Held>
            </li>
          ))}
        </ol>
        <Held closed={store.closed}>
          <Act label={w("table_add")} name="add-row" on={() => rows([...d.rows, { name: w("table_row_n", { n: d.rows.length + 1 }) }])} />
        </Held>
      </section>
      <section class="d-settings" aria-label={w("table_tests")}>
        <h2>{w("table_tests")}</h2>
        <p class="hint">{w("table_tests_hint")}</p>
        {tests.length > 0 && <p class={passed === tests.length ? "d-pass" : "field-error"} data-passed>{w("table_passed", { n: passed, of: tests.length })}</p>}
        <Held closed={store.closed}>
          {tests.map((t, i) => (
            <CaseSettings t={t} d={d} start={start} onChange={(x, tag) => cases(tests.map((y, j) => (j === i ? x : y)), tag && `case${i}.${tag}`)} onDrop={() => cases(tests.filter((_, j) => j !== i))} />
          ))}
          <Act label={w("table_test_add")} name="add-test" on={() => cases([...tests, { name: w("table_test_n", { n: tests.length + 1 }) }])} />
        </Held>
        <Problems problems={store.problems.map((p) => ({ ...p, place: nameAt(d, p.path) }))} onJump={(p) => jump(d, p)} />
      </section>
    </Frame>
  );
}

/** Overview is the table as people know it: conditions on the left, what follows on the right. */
function Overview({ d, start }: { d: Table; start: TableStart }) {
  if (d.rows.length === 0) return <p class="hint">{w("table_empty")}</p>;
  return (
    <div class="table-box" tabIndex={0}>
      <table>
        <caption class="vh">{d.name}</caption>
        <thead>
          <tr>
            <th scope="col">{w("table_row")}</th>
            <th scope="col">{w("table_when")}</th>
            <th scope="col">{w("table_then")}</th>
          </tr>
        </thead>
        <tbody>
          {d.rows.map((r) => (
            <tr>
              <th scope="row">{r.name}</th>
              <td>{conditionText(r.when, start.questions) || w("table_always")}</td>
              <td>{follows(r, start).join("；")}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function follows(r: Row, start: TableStart): string[] {
  const out: string[] = [];
  if (r.refuse) out.push(`${w("table_refuse")}：${r.refuse}`);
  if (r.warn) out.push(`${w("table_warn")}：${r.warn}`);
  if (r.need?.length) out.push(`${w("table_need")}：${r.need.map((k) => start.materials.find((m) => m.key === k)?.label ?? k).join("、")}`);
  return out;
}

interface RowProps {
  r: Row;
  n: number;
  start: TableStart;
  general?: string;
  problem: (path: string) => string | undefined;
  onChange: (r: Row, tag?: string) => void;
}

function RowSettings({ r, n, start, general, problem, onChange }: RowProps) {
  const set = (more: Partial<Row>, tag = "") => onChange(tidy({ ...r, ...more }) as Row, tag);
  const need = r.need ?? [];
  return (
    <>
      {general && <p class="field-error">{general}</p>}
      <Text label={w("table_row_name", { n })} value={r.name} problem={problem("/name")} onChange={(name) => onChange({ ...r, name }, "name")} />
      <ConditionPicker label={w("table_when")} always={w("table_always")} none={w("table_no_questions")} value={r.when} questions={start.questions} problem={problem("/when")} onChange={(when) => set({ when })} />
      <Text label={w("table_refuse")} hint={w("table_refuse_hint")} optional lines={2} value={r.refuse} onChange={(refuse) => set({ refuse }, "refuse")} />
      <Text label={w("table_warn")} optional lines={2} value={r.warn} onChange={(warn) => set({ warn }, "warn")} />
      {start.materials.length > 0 && (
        <fieldset class="field">
          <legend class="label">{w("table_need")}</legend>
          {start.materials.map((m) => (
            <Check
              label={m.label}
              value={need.includes(m.key)}
              onChange={(on) => {
                const next = on ? [...need, m.key] : need.filter((k) => k !== m.key);
                set({ need: next.length ? next : undefined });
              }}
            />
          ))}
        </fieldset>
      )}
      <Text label={w("table_basis")} optional value={r.basis} onChange={(basis) => set({ basis }, "basis")} />
    </>
  );
}

interface CaseProps {
  t: Case;
  d: Table;
  start: TableStart;
  onChange: (c: Case, tag?: string) => void;
  onDrop: () => void;
}

function CaseSettings({ t, d, start, onChange, onDrop }: CaseProps) {
  const got = fitting(d, t.given ?? {});
  const ok = passes(d, t);
  const rows = t.rows ?? [];
  return (
    <div class="d-group" data-test={t.name}>
      <Text label={w("table_test_name")} value={t.name} onChange={(name) => onChange({ ...t, name }, "name")} />
      <GivenInputs given={t.given ?? {}} questions={start.questions} used={used(d)} onChange={(given) => onChange({ ...t, given }, "given")} />
      <fieldset class="field">
        <legend class="label">{w("table_test_want")}</legend>
        {d.rows.map((r) => (
          <Check label={r.name} value={rows.includes(r.name)} onChange={(on) => onChange({ ...t, rows: d.rows.map((x) => x.name).filter((x) => (x === r.name ? on : rows.includes(x))) })} />
        ))}
      </fieldset>
      <p class={ok ? "d-pass" : "field-error"}>{ok ? w("table_ok") : w("table_fails", { got: got.join("、") || w("table_none_fits") })}</p>
      <Act label={w("table_test_drop")} of={t.name} on={onDrop} />
    </div>
  );
}

function pieces(d: Table, start: TableStart): Piece[] {
  return [
    { key: "name", label: w("table_name"), lines: [d.name, w("table_hit_" + (d.hit ?? "first"))], value: [d.name, d.hit] },
    { key: "rows", label: w("table_rows"), lines: d.rows.map((r) => [r.name, conditionText(r.when, start.questions) || w("table_always"), ...follows(r, start)].join(" · ")), value: d.rows },
    { key: "tests", label: w("table_tests"), lines: (d.tests ?? []).map((t) => t.name), value: d.tests ?? [] },
  ];
}

function merged(mine: Table, theirs: Table, c: Choices): Table {
  const side = (key: string) => (c[key] === "theirs" ? theirs : mine);
  return { ...mine, name: side("name").name, hit: side("name").hit, rows: side("rows").rows, tests: side("tests").tests };
}

function nameAt(d: Table, path: string): string {
  const m = /^\/(rows|tests)\/(\d+)/.exec(path);
  return (m && (m[1] === "rows" ? d.rows : (d.tests ?? []))[Number(m[2])]?.name) || d.name;
}

function jump(d: Table, path: string): void {
  const m = /^\/(rows|tests)\/\d+/.exec(path);
  if (m) goTo(m[1] === "rows" ? "data-row" : "data-test", nameAt(d, path));
}
