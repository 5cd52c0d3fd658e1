// The fields of a licence: what it shows, each taken from somewhere that is picked from a list.
import { useId, useState } from "preact/hooks";
import { say } from "../../texts";
import { Act, Text } from "../inputs";
import { w } from "../words";
import type { Fact, Licence, Name } from "./model";

interface Props {
  d: Licence;
  sources: Name[];
  problem: (at: string) => string | undefined;
  onChange: (fields: Fact[], tag?: string) => void;
  onRename: (fields: Fact[], old: string, key: string) => void;
}

/** usual keys of sources; answers take the key of their question. */
const usual: Record<string, string> = {
  "applicant.name": "holder_name", "applicant.number": "holder_number", "licence.number": "number", "licence.valid_from": "valid_from", "licence.valid_until": "valid_until", "agency.name": "agency", "decision.date": "issued",
};

/** keyFor makes a key for a source that no field has yet. */
function keyFor(from: string, fields: Fact[]): string {
  const tail = from.startsWith("const:") ? "text" : from.slice(from.indexOf(".") + 1);
  const head = usual[from] ?? (tail.toLowerCase().replace(/[^a-z0-9_]+/g, "_").replace(/^[^a-z]+/, "") || "field");
  for (let i = 1; ; i++) {
    const key = i === 1 ? head : head + i;
    if (!fields.some((f) => f.key === key)) return key;
  }
}

/** Facts asks for the fields of a licence. */
export function Facts({ d, sources, problem, onChange, onRename }: Props) {
  const [picked, pick] = useState("applicant.name");
  const { fields } = d;
  const put = (i: number, f: Fact, tag: string) => onChange(fields.map((x, j) => (j === i ? f : x)), tag + i);
  const swap = (i: number, by: number) => {
    const next = [...fields];
    [next[i], next[i + by]] = [next[i + by], next[i]];
    onChange(next);
    say(w("licence_field_moved", { name: fields[i].label, n: i + by + 1 }));
  };
  // What is no key, or another field's, is not taken: texts that show the field follow its key.
  const free = (key: string, i: number) => /^[a-z][a-z0-9_]*$/.test(key) && !fields.some((x, j) => j !== i && x.key === key);
  const add = () => {
    const label = picked === "const:" ? w("licence_text") : (sources.find((s) => s.value === picked)?.label ?? "");
    onChange([...fields, { key: keyFor(picked, fields), label, from: picked === "const:" ? "const:" + w("paper_new_text") : picked }]);
    say(w("licence_field_added", { name: label }));
  };
  return (
    <details class="more" open>
      <summary>{w("licence_fields_n", { n: fields.length })}</summary>
      <div class="more-body">
        <p class="hint">{w("licence_fields_hint")}</p>
        {fields.map((f, i) => (
          <div class="d-line p-fact">
            <Text label={w("licence_label", { n: i + 1 })} value={f.label} name={`/fields/${i}`} problem={problem(`/fields/${i}`)} onChange={(label) => put(i, { ...f, label }, "label")} />
            <Source n={i + 1} value={f.from} sources={sources} onChange={(from) => put(i, { ...f, from }, "from")} />
            {f.from.startsWith("const:") && <Text label={w("licence_const")} value={f.from.slice(6)} onChange={(s) => put(i, { ...f, from: "const:" + s }, "const")} />}
            <details>
              <summary>{w("licence_key_show", { key: f.key })}</summary>
              <Text label={w("key")} hint={w("licence_key_hint")} value={f.key} name={`/fields/${i}/key`} onChange={(key) => free(key, i) && onRename(fields.map((x, j) => (j === i ? { ...f, key } : x)), f.key, key)} />
            </details>
            <div class="actions">
              <Act label={w("up")} of={f.label} off={i === 0} on={() => swap(i, -1)} />
              <Act label={w("down")} of={f.label} off={i === fields.length - 1} on={() => swap(i, 1)} />
              <Act label={w("delete")} of={f.label} kind="danger" on={() => {
                onChange(fields.filter((_, j) => j !== i));
                say(w("licence_field_dropped", { name: f.label }));
              }} />
            </div>
          </div>
        ))}
        <div class="p-insert">
          <Source label={w("licence_add_from")} value={picked} sources={sources} onChange={pick} />
          <Act label={w("licence_add")} name="add-field" on={add} />
        </div>
      </div>
    </details>
  );
}

interface SourceProps {
  n?: number;
  label?: string;
  value: string;
  sources: Name[];
  onChange: (from: string) => void;
}

/** Source picks where a field comes from, in groups. */
function Source({ n, label, value, sources, onChange }: SourceProps) {
  const id = useId();
  const groups = [...new Set(sources.map((s) => s.group ?? ""))];
  const fixed = value.startsWith("const:");
  const known = fixed || sources.some((s) => s.value === value);
  return (
    <div class="field">
      <label class="label" for={id}>
        {label ?? w("licence_from", { n: n ?? 0 })}
      </label>
      <select id={id} value={fixed ? "const:" : value} onChange={(e) => onChange(e.currentTarget.value === "const:" && fixed ? value : e.currentTarget.value)}>
        {!known && <option value={value}>{w("licence_from_gone", { from: value })}</option>}
        {groups.map((g) => (
          <optgroup label={g}>
            {sources.map((s) => (s.group ?? "") === g && <option value={s.value}>{s.label}</option>)}
          </optgroup>
        ))}
        <option value="const:">{w("licence_text")}</option>
      </select>
    </div>
  );
}
