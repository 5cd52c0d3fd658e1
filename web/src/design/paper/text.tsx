// A text with values in it: 【申请人】 stands for what is filled in later, picked from a list in plain words.
import { useId, useRef, useState } from "preact/hooks";
import { say } from "../../texts";
import { w } from "../words";
import type { Codec } from "./model";

interface Props {
  label: string;
  hint?: string;
  problem?: string;
  name?: string;
  value: string | undefined;
  lines?: number;
  codec: Codec;
  onChange: (value: string) => void;
}

/** ValueText asks for a text and offers values to put where the caret is. */
export function ValueText(p: Props) {
  const id = useId();
  const box = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const about = {
    id,
    ref: box,
    "data-name": p.name,
    value: p.codec.show(p.value ?? ""),
    onInput: (e: { currentTarget: { value: string } }) => p.onChange(p.codec.store(e.currentTarget.value)),
    "aria-invalid": p.problem ? ("true" as const) : undefined,
    "aria-describedby": [p.hint && id + "h", p.problem && id + "e"].filter(Boolean).join(" ") || undefined,
  };
  return (
    <div class={p.problem ? "field has-error" : "field"}>
      <label class="label" for={id}>
        {p.label}
      </label>
      {p.hint && (
        <p class="hint" id={id + "h"}>
          {p.hint}
        </p>
      )}
      {p.problem && (
        <p class="field-error" id={id + "e"}>
          {p.problem}
        </p>
      )}
      {p.lines ? <textarea {...about} rows={p.lines} /> : <input type="text" {...about} autocomplete="off" />}
      <Inserter of={p.label} codec={p.codec} into={() => box.current} onInsert={(text) => p.onChange(p.codec.store(text))} />
    </div>
  );
}

interface InserterProps {
  of: string;
  codec: Codec;
  into: () => HTMLInputElement | HTMLTextAreaElement | null; // where the caret is or was
  onInsert: (text: string) => void; // the whole text, as shown
}

/** Inserter puts a picked value where the caret of a text was. */
export function Inserter({ of, codec, into, onInsert }: InserterProps) {
  const id = useId();
  const [value, pick] = useState("");
  const chosen = codec.names.find((n) => n.value === value) ?? codec.names[0];
  if (!chosen) return null;
  const insert = () => {
    const box = into();
    if (!box) return;
    const [from, to] = [box.selectionStart ?? box.value.length, box.selectionEnd ?? box.value.length];
    const mark = codec.mark(chosen.value);
    onInsert(box.value.slice(0, from) + mark + box.value.slice(to));
    say(w("paper_inserted", { name: chosen.label }));
    requestAnimationFrame(() => {
      box.focus();
      box.setSelectionRange(from + mark.length, from + mark.length);
    });
  };
  return (
    <div class="p-insert">
      <label class="vh" for={id}>
        {w("paper_insert_what", { name: of })}
      </label>
      <select id={id} value={chosen.value} onChange={(e) => pick(e.currentTarget.value)}>
        {codec.names.map((n) => (
          <option value={n.value}>{n.label || n.value}</option>
        ))}
      </select>
      <button type="button" class="btn small" data-act="insert" onClick={insert}>
        {w("paper_insert")}
        <span class="vh">{of}</span>
      </button>
    </div>
  );
}
