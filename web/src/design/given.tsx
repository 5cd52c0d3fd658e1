// Answers of a test case: one input for each question that matters.
import { Act, Select, Text } from "./inputs";
import type { Readable } from "./shared";
import { w } from "./words";

export type Given = Record<string, unknown>;

interface Props {
  given: Given;
  questions: Readable[]; // all that can be asked
  used: string[]; // names the conditions read: these are offered first
  onChange: (g: Given) => void;
}

/** GivenInputs edits the answers of one case. What is empty counts as not answered. */
export function GivenInputs({ given, questions, used, onChange }: Props) {
  const shown = [...new Set([...used, ...Object.keys(given)])];
  const rest = questions.filter((q) => !shown.includes(q.name));
  const set = (name: string, v: unknown) => {
    const next = { ...given };
    if (v === "" || v === undefined) delete next[name];
    else next[name] = v;
    onChange(next);
  };
  return (
    <div class="d-given">
      {shown.map((name) => {
        const q = questions.find((x) => x.name === name);
        const v = given[name];
        if (!q) {
          return (
            <p class="has-error">
              {w("when_gone", { key: name })} <Act label={w("when_del")} on={() => set(name, "")} />
            </p>
          );
        }
        if (q.type === "bool") {
          return <Select label={q.label} value={v === undefined ? "" : String(v)} empty={w("test_unanswered")} options={[{ value: "true", label: w("yes") }, { value: "false", label: w("no") }]} onChange={(s) => set(name, s === "" ? "" : s === "true")} />;
        }
        if (q.options?.length && q.type === "choice") {
          return <Select label={q.label} value={String(v ?? "")} empty={w("test_unanswered")} options={q.options} onChange={(s) => set(name, s)} />;
        }
        if (q.type === "choices" || q.type === "rows") {
          return <Text label={q.label} hint={w("test_several")} value={Array.isArray(v) ? v.join("、") : ""} onChange={(s) => set(name, s.trim() ? s.split(/[、,，]/).map((x) => x.trim()) : "")} />;
        }
        return <Text label={q.label + (q.unit ? `（${q.unit}）` : "")} size="m" value={String(v ?? "")} onChange={(s) => set(name, s.trim())} />;
      })}
      {rest.length > 0 && <Select label={w("test_more")} value="" empty={w("test_choose")} options={rest.map((q) => ({ value: q.name, label: q.label }))} onChange={(name) => name && onChange({ ...given, [name]: first(rest.find((q) => q.name === name)!) })} />}
    </div>
  );
}

function first(q: Readable): unknown {
  return q.type === "bool" ? true : q.type === "choices" || q.type === "rows" ? [q.options?.[0]?.value ?? ""] : (q.options?.[0]?.value ?? "");
}
