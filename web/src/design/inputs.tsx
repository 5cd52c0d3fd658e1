// Labelled inputs of the settings panes.
import { createContext, type ComponentChildren } from "preact";
import { useContext, useId } from "preact/hooks";
import type { Option } from "./shared";
import { w } from "./words";

const Shut = createContext(false);

interface HeldProps {
  closed: boolean;
  children: ComponentChildren;
}

/** Held is what changes the definition: a closed change shows it, takes nothing, and has no buttons there. */
export function Held({ closed, children }: HeldProps) {
  return (
    <Shut.Provider value={closed}>
      <fieldset class="d-plain" disabled={closed}>
        {children}
      </fieldset>
    </Shut.Provider>
  );
}

interface Common {
  label: string;
  hint?: string;
  problem?: string;
  optional?: boolean;
  name?: string; // data-name, so that a jump finds it
}

interface RowProps extends Common {
  id: string;
  children: ComponentChildren;
}

function Row(p: RowProps) {
  return (
    <div class={p.problem ? "field has-error" : "field"}>
      <label class="label" for={p.id}>
        {p.label}
        {p.optional && <span class="optional">{w("optional")}</span>}
      </label>
      {p.hint && (
        <p class="hint" id={p.id + "h"}>
          {p.hint}
        </p>
      )}
      {p.problem && (
        <p class="field-error" id={p.id + "e"}>
          {p.problem}
        </p>
      )}
      {p.children}
    </div>
  );
}

function about(id: string, p: Common) {
  return {
    id,
    "data-name": p.name,
    "aria-invalid": p.problem ? ("true" as const) : undefined,
    "aria-describedby": [p.hint && id + "h", p.problem && id + "e"].filter(Boolean).join(" ") || undefined,
  };
}

interface TextProps extends Common {
  value: string | undefined;
  onChange: (value: string) => void;
  lines?: number;
  list?: string[];
  mode?: "decimal" | "numeric";
  size?: "s" | "m";
}

/** Text asks for a line, or with lines for several. */
export function Text(p: TextProps) {
  const id = useId();
  const on = (e: { currentTarget: { value: string } }) => p.onChange(e.currentTarget.value);
  return (
    <Row {...p} id={id}>
      {p.lines ? (
        <textarea {...about(id, p)} rows={p.lines} value={p.value ?? ""} onInput={on} />
      ) : (
        <input type="text" {...about(id, p)} class={p.size && "w-" + p.size} inputMode={p.mode} list={p.list && id + "l"} value={p.value ?? ""} onInput={on} autocomplete="off" />
      )}
      {p.list && (
        <datalist id={id + "l"}>
          {p.list.map((x) => (
            <option value={x} />
          ))}
        </datalist>
      )}
    </Row>
  );
}

interface NumProps extends Common {
  value: number | undefined;
  onChange: (value: number | undefined) => void;
}

/** Num asks for a number; while it is none, nothing changes. */
export function Num(p: NumProps) {
  return (
    <Text
      {...p}
      size="s"
      mode="decimal"
      value={p.value === undefined ? "" : String(p.value)}
      onChange={(s) => {
        const t = s.trim().replace(/[，,]/g, "");
        if (t === "") p.onChange(undefined);
        else if (/^-?\d+(\.\d+)?$/.test(t)) p.onChange(Number(t));
      }}
    />
  );
}

interface SelectProps extends Common {
  value: string;
  options: Option[];
  empty?: string; // words of the first, empty choice
  onChange: (value: string) => void;
  groups?: Record<string, string>; // value → heading
}

/** Select asks for one of several. */
export function Select(p: SelectProps) {
  const id = useId();
  return (
    <Row {...p} id={id}>
      <select {...about(id, p)} value={p.value} onChange={(e) => p.onChange(e.currentTarget.value)}>
        {p.empty !== undefined && <option value="">{p.empty}</option>}
        {p.options.map((o) => (
          <option value={o.value}>{o.label}</option>
        ))}
      </select>
    </Row>
  );
}

interface CheckProps {
  label: string;
  hint?: string;
  value: boolean | undefined;
  onChange: (value: boolean) => void;
}

/** Check asks yes or no. */
export function Check(p: CheckProps) {
  return (
    <label class="choice d-check">
      <input type="checkbox" checked={!!p.value} onChange={(e) => p.onChange(e.currentTarget.checked)} />
      <span class="choice-text">
        {p.label}
        {p.hint && <span class="hint">{p.hint}</span>}
      </span>
    </label>
  );
}

interface IconProps {
  label: string; // what it does
  of?: string; // to what; only heard
  on: () => void;
  off?: boolean; // cannot be done now
  kind?: string;
  name?: string;
}

/** Act is a small button. One that cannot act now keeps the focus, so that the keyboard is not lost. */
export function Act(p: IconProps) {
  if (useContext(Shut)) return null;
  return (
    <button type="button" class={"btn small " + (p.kind ?? "")} data-act={p.name} aria-disabled={p.off ? "true" : undefined} onClick={() => !p.off && p.on()}>
      {p.label}
      {p.of && <span class="vh">{p.of}</span>}
    </button>
  );
}
