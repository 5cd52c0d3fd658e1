// When something is asked or happens: picked from the answers of earlier questions. It edits the same tree that Go evaluates and checks.
import { useId } from "preact/hooks";
import type { Scalar } from "../cond";
import { Act } from "./inputs";
import type { Expr, Readable, Type } from "./shared";
import { w } from "./words";

const opsOf: Record<Type, string[]> = {
  text: ["eq", "ne", "in", "not_in", "empty", "not_empty"],
  number: ["eq", "ne", "gt", "ge", "lt", "le", "empty", "not_empty"],
  date: ["eq", "ne", "before", "after", "empty", "not_empty"],
  bool: ["eq", "empty", "not_empty"],
  choice: ["eq", "ne", "in", "not_in", "empty", "not_empty"],
  choices: ["contains", "in", "not_in", "empty", "not_empty"],
  rows: ["not_empty", "empty"],
};

interface Props {
  label: string; // 什么时候显示
  always: string; // 总是显示
  value: Expr | undefined;
  questions: Readable[]; // those it may read
  none: string; // said when there are none
  gone?: (key: string) => string; // what to call a question it must not read: deleted, or standing later
  problem?: string;
  onChange: (e: Expr | undefined) => void;
}

/** ConditionPicker edits one condition; undefined is always. */
export function ConditionPicker(p: Props) {
  const set = !!p.value && Object.keys(p.value).length > 0;
  const first = () => p.onChange({ all: [fresh(p.questions[0])] });
  return (
    <fieldset class={p.problem ? "field d-when has-error" : "field d-when"} data-name="when">
      <legend class="label">{p.label}</legend>
      {p.problem && <p class="field-error">{p.problem}</p>}
      {set ? (
        <>
          <Group e={grouped(p.value!)} p={p} depth={0} onChange={(e) => p.onChange(settled(e))} />
          <Act label={w("when_clear")} on={() => p.onChange(undefined)} />
        </>
      ) : p.questions.length ? (
        <>
          <p>{p.always}</p>
          <Act label={w("when_set")} on={first} name="when" />
        </>
      ) : (
        <p class="hint">{p.none}</p>
      )}
    </fieldset>
  );
}

/** grouped writes any condition as all or any, so that a line can be added. */
function grouped(e: Expr): Expr {
  return e.all || e.any || e.not ? e : { all: [e] };
}

/** settled writes a group of one line as that line, and an empty one as no condition. */
function settled(e: Expr | undefined): Expr | undefined {
  const list = e && (e.all ?? e.any);
  if (!list) return e;
  return list.length === 0 ? undefined : list.length === 1 ? list[0] : e;
}

function fresh(q: Readable): Expr {
  return withOp({ field: q.name, op: opsOf[q.type][0] }, q);
}

/** withOp gives a comparison the value its operator starts with. */
function withOp(e: Expr, q: Readable): Expr {
  const one = q.type === "bool" ? true : (q.options?.[0]?.value ?? (q.type === "number" ? 0 : ""));
  switch (e.op) {
    case "empty":
    case "not_empty":
      return { field: e.field, op: e.op };
    case "in":
    case "not_in":
      return { ...e, value: Array.isArray(e.value) ? e.value : e.value === undefined ? [one as Scalar] : [e.value] };
  }
  const held = Array.isArray(e.value) ? e.value[0] : e.value;
  return { ...e, value: held ?? one };
}

interface GroupProps {
  e: Expr;
  p: Props;
  depth: number;
  onChange: (e: Expr | undefined) => void;
}

function Group({ e, p, depth, onChange }: GroupProps) {
  const id = useId();
  if (e.not) {
    return (
      <div class="d-group">
        <p>{w("when_not")}</p>
        <Node e={e.not} p={p} depth={depth} onChange={(x) => onChange(x && { not: x })} />
      </div>
    );
  }
  const any = !!e.any;
  const list = e.any ?? e.all ?? [];
  const put = (next: Expr[]) => onChange(next.length ? (any ? { any: next } : { all: next }) : undefined);
  return (
    <div class="d-group" role="group" aria-labelledby={id}>
      {list.length > 1 || depth > 0 ? (
        <label id={id}>
          <span class="vh">{w("when_how")}</span>
          <select value={any ? "any" : "all"} onChange={(x) => onChange(x.currentTarget.value === "any" ? { any: list } : { all: list })}>
            <option value="all">{w("when_all")}</option>
            <option value="any">{w("when_any")}</option>
          </select>
        </label>
      ) : (
        <p id={id}>{w("when_one")}</p>
      )}
      <ul>
        {list.map((x, i) => (
          <li>
            <Node e={x} p={p} depth={depth + 1} onChange={(n) => put(n ? list.map((o, j) => (j === i ? n : o)) : list.filter((_, j) => j !== i))} />
          </li>
        ))}
      </ul>
      <div class="actions">
        <Act label={w("when_add")} on={() => put([...list, fresh(p.questions[p.questions.length - 1] ?? p.questions[0])])} off={!p.questions.length} />
        {depth === 0 && list.length > 1 && <Act label={w("when_add_group")} on={() => put([...list, { [any ? "all" : "any"]: [fresh(p.questions[0])] }])} off={!p.questions.length} />}
      </div>
    </div>
  );
}

function Node({ e, p, depth, onChange }: GroupProps) {
  if (e.field === undefined) return <Group e={e} p={p} depth={depth} onChange={onChange} />;
  const q = p.questions.find((x) => x.name === e.field);
  const groups = [...new Set(p.questions.map((x) => x.group ?? ""))];
  return (
    <div class={q ? "d-line" : "d-line has-error"}>
      <select
        aria-label={w("when_question")}
        aria-invalid={q ? undefined : "true"}
        value={e.field}
        onChange={(x) => {
          const next = p.questions.find((y) => y.name === x.currentTarget.value);
          if (next) onChange(fresh(next));
        }}
      >
        {!q && <option value={e.field}>{p.gone?.(e.field) ?? w("when_gone", { key: e.field })}</option>}
        {groups.map((g) =>
          g ? (
            <optgroup label={g}>
              {choices(p.questions, g)}
            </optgroup>
          ) : (
            choices(p.questions, g)
          ),
        )}
      </select>
      {q && (
        <select aria-label={w("when_op")} value={e.op} onChange={(x) => onChange(withOp({ ...e, op: x.currentTarget.value }, q))}>
          {(opsOf[q.type].includes(e.op ?? "") ? opsOf[q.type] : [...opsOf[q.type], e.op ?? ""]).map((op) => (
            <option value={op}>{w(`op_${q.type === "date" || q.type === "number" ? "" : q.type + "_"}${op}`)}</option>
          ))}
        </select>
      )}
      {q && e.op !== "empty" && e.op !== "not_empty" && <Value e={e} q={q} onChange={onChange} />}
      <Act label={w("when_del")} on={() => onChange(undefined)} />
    </div>
  );
}

function choices(questions: Readable[], group: string) {
  return questions.filter((x) => (x.group ?? "") === group).map((x) => <option value={x.name}>{x.label}</option>);
}

function Value({ e, q, onChange }: { e: Expr; q: Readable; onChange: (e: Expr) => void }) {
  const many = e.op === "in" || e.op === "not_in";
  if (q.options?.length && many) {
    const held = Array.isArray(e.value) ? e.value : [];
    return (
      <fieldset class="d-values">
        <legend class="vh">{w("when_value")}</legend>
        {q.options.map((o) => (
          <label>
            <input
              type="checkbox"
              checked={held.includes(o.value)}
              onChange={(x) => onChange({ ...e, value: q.options!.map((y) => y.value).filter((v) => (v === o.value ? x.currentTarget.checked : held.includes(v))) })}
            />
            {o.label}
          </label>
        ))}
      </fieldset>
    );
  }
  if (q.options?.length || q.type === "bool") {
    const options = q.type === "bool" ? [{ value: "true", label: w("yes") }, { value: "false", label: w("no") }] : q.options!;
    const value = String(e.value);
    return (
      <select aria-label={w("when_value")} value={value} onChange={(x) => onChange({ ...e, value: q.type === "bool" ? x.currentTarget.value === "true" : x.currentTarget.value })}>
        {!options.some((o) => o.value === value) && <option value={value}>{w("when_gone_option", { key: value })}</option>}
        {options.map((o) => (
          <option value={o.value}>{o.label}</option>
        ))}
      </select>
    );
  }
  const number = q.type === "number";
  const read = (s: string): Scalar => (number && /^-?\d+(\.\d+)?$/.test(s.trim()) ? Number(s) : s.trim());
  return (
    <span class="with-unit">
      <input
        type={(q.type === "date" ? "date" : "text") as "text"}
        class="w-m"
        inputMode={number ? "decimal" : undefined}
        aria-label={many ? w("when_values") : w("when_value")}
        value={Array.isArray(e.value) ? e.value.join("、") : String(e.value ?? "")}
        onInput={(x) => onChange({ ...e, value: many ? x.currentTarget.value.split(/[、,，]/).map(read) : read(x.currentTarget.value) })}
      />
      {q.unit && <span>{q.unit}</span>}
    </span>
  );
}

/** conditionText says a condition in words. */
export function conditionText(e: Expr | undefined, questions: Readable[]): string {
  if (!e || Object.keys(e).length === 0) return "";
  if (e.not) return w("not_text", { text: conditionText(e.not, questions) });
  const list = e.all ?? e.any;
  if (list) {
    const parts = list.map((x) => (x.field ? conditionText(x, questions) : `（${conditionText(x, questions)}）`));
    return parts.join(e.all ? w("and") : w("or"));
  }
  const q = questions.find((x) => x.name === e.field);
  const name = (v: unknown) => (typeof v === "boolean" ? w(v ? "yes" : "no") : (q?.options?.find((o) => o.value === v)?.label ?? String(v)));
  const values = e.value === undefined ? "" : Array.isArray(e.value) ? e.value.map(name).join("、") : name(e.value);
  const type = q?.type ?? "text";
  const op = w(`op_${type === "date" || type === "number" ? "" : type + "_"}${e.op}`);
  return `“${q?.label ?? w("when_gone", { key: e.field ?? "" })}” ${op}${values && ` ${values}${q?.unit ?? ""}`}`;
}
