// The scenario designer: the questions that come first, a walk through them as an applicant, and trials that must come out right before publishing.
import { useMemo, useState } from "preact/hooks";
import { say } from "../../texts";
import { Problems } from "../bar";
import { ConditionPicker } from "../condition";
import { Frame, goTo, RowActs, swapped } from "../frame";
import { GivenInputs, type Given } from "../given";
import { Act, Held, Select, Text } from "../inputs";
import { compare, type Choices, type Piece } from "../merge";
import { tidy, type Option, type Start } from "../shared";
import { Store, useStore } from "../store";
import { w } from "../words";
import { asked, before, passes, trialOf, used, walk, type Item, type Question, type ScenarioStart, type Trial, type Walk } from "./model";

/** scenarioDesigner makes the designer of a page. */
export function scenarioDesigner(start: Start<unknown>) {
  return <Designer start={start as ScenarioStart} />;
}

function Designer({ start }: { start: ScenarioStart }) {
  const store = useStore(useMemo(() => new Store<Item>(start), [start]));
  const it = store.doc;
  const list = it.scenario ?? [];
  const mine = store.problems.filter((p) => /^\/(scenario|trials)/.test(p.path));
  const problem = (at: string) => mine.find((p) => p.path === at || p.path.startsWith(at + "/"))?.text;
  const put = (next: Question[], tag = "") => store.change(tidy({ ...it, scenario: next.length ? next : undefined }) as Item, tag);
  const trials = (next: Trial[], tag = "") => store.change(tidy({ ...it, trials: next.length ? next : undefined }) as Item, tag);
  const swap = (i: number, j: number) => {
    put(swapped(list, i, j));
    say(w("scenario_moved", { name: list[i].ask, n: j + 1 }));
  };
  const free = () => {
    for (let n = list.length + 1; ; n++) if (!list.some((q) => q.key === "q" + n)) return "q" + n;
  };
  const add = () => put([...list, { key: free(), ask: "", options: [{ value: "yes", label: w("yes") }, { value: "no", label: w("no") }] }]);

  return (
    <Frame store={store} published={start.published} rows={(base, mine, theirs) => compare(pieces(base), pieces(mine), pieces(theirs))} merged={merged}>
      <section aria-label={w("scenario_questions")}>
        <p class="hint">{w("scenario_lead")}</p>
        <ol class="d-rows">
          {list.map((q, i) => (
            <li class="d-group" data-question={q.key}>
              <Held closed={store.closed}>
                <QuestionSettings q={q} i={i} list={list} start={start} problem={(p) => problem(`/scenario/${i}${p}`)} onChange={(x, tag) => put(list.map((y, j) => (j === i ? x : y)), tag && `${q.key}.${tag}`)} />
                <RowActs of={q.ask} i={i} count={list.length} drop={w("scenario_drop")} onSwap={(j) => swap(i, j)} onDrop={() => put(list.filter((_, j) => j !== i))} />
              </Held>
            </li>
          ))}
        </ol>
        <Held closed={store.closed}>
          <Act label={w("scenario_add")} name="add-question" on={add} />
        </Held>
      </section>
      <section class="d-settings" aria-label={w("scenario_try")}>
        <TryOut start={start} it={it} closed={store.closed} onKeep={(t) => trials([...(it.trials ?? []), t])} />
        <h2>{w("scenario_trials")}</h2>
        <p class="hint">{w("scenario_trials_hint")}</p>
        {(it.trials ?? []).map((t, i) => (
          <TrialLine t={t} closed={store.closed} x={walk(start, it, t.given ?? {})} start={start} it={it} problem={problem(`/trials/${i}`)} onRename={(name) => trials(it.trials!.map((y, j) => (j === i ? { ...y, name } : y)), "trial" + i)} onDrop={() => trials(it.trials!.filter((_, j) => j !== i))} />
        ))}
        <Problems problems={mine.map((p) => ({ ...p, place: placeOf(it, p.path) }))} onJump={(p) => jump(it, p)} />
      </section>
    </Frame>
  );
}

interface QuestionProps {
  q: Question;
  i: number;
  list: Question[];
  start: ScenarioStart;
  problem: (path: string) => string | undefined;
  onChange: (q: Question, tag?: string) => void;
}

function QuestionSettings({ q, i, list, start, problem, onChange }: QuestionProps) {
  const set = (more: Partial<Question>, tag = "") => onChange(tidy({ ...q, ...more }) as Question, tag);
  const here = [...before(start, list, i), asked(q)];
  return (
    <>
      <Text label={w("scenario_ask", { n: i + 1 })} value={q.ask} problem={problem("/ask") ?? problem("/key")} onChange={(ask) => onChange({ ...q, ask }, "ask")} />
      <Text label={w("scenario_hint")} optional value={q.hint} onChange={(hint) => set({ hint }, "hint")} />
      <Options options={q.options ?? []} problem={problem("/options")} onChange={(options, tag) => onChange({ ...q, options }, tag)} />
      <ConditionPicker label={w("scenario_when")} always={w("scenario_always")} none={w("scenario_when_none")} value={q.when} questions={before(start, list, i)} problem={problem("/when")} onChange={(when) => set({ when })} />
      <details class="field" open={!!q.stop}>
        <summary>{w("scenario_stop")}</summary>
        {q.stop ? (
          <>
            <ConditionPicker label={w("scenario_stop_when")} always={w("scenario_always_stop")} none="" value={q.stop.when} questions={here} problem={problem("/stop")} onChange={(when) => set({ stop: tidy({ ...q.stop!, when }) as Question["stop"] })} />
            <Text label={w("scenario_stop_title")} value={q.stop.title} onChange={(title) => set({ stop: { ...q.stop!, title } }, "stop")} />
            <Text label={w("scenario_stop_text")} lines={3} value={q.stop.text} onChange={(text) => set({ stop: { ...q.stop!, text } }, "stoptext")} />
            <Select label={w("scenario_stop_item")} value={q.stop.item ?? ""} empty={w("scenario_nowhere")} options={withHeld(start.items, q.stop.item)} onChange={(item) => set({ stop: tidy({ ...q.stop!, item }) as Question["stop"] })} />
            <Act label={w("scenario_stop_drop")} on={() => set({ stop: undefined })} />
          </>
        ) : (
          <Act label={w("scenario_stop_add")} name="add-stop" on={() => set({ stop: { when: { field: "scenario." + q.key, op: "eq", value: q.options?.[0]?.value ?? "" }, title: "" } })} />
        )}
      </details>
      <details class="field" open={!!q.warn}>
        <summary>{w("scenario_warn")}</summary>
        {q.warn ? (
          <>
            <ConditionPicker label={w("scenario_warn_when")} always={w("scenario_always_warn")} none="" value={q.warn.when} questions={here} problem={problem("/warn")} onChange={(when) => set({ warn: tidy({ ...q.warn!, when }) as Question["warn"] })} />
            <Text label={w("scenario_warn_text")} lines={3} value={q.warn.text} onChange={(text) => set({ warn: { ...q.warn!, text } }, "warn")} />
            <Act label={w("scenario_warn_drop")} on={() => set({ warn: undefined })} />
          </>
        ) : (
          <Act label={w("scenario_warn_add")} on={() => set({ warn: { when: { field: "scenario." + q.key, op: "eq", value: q.options?.[0]?.value ?? "" }, text: "" } })} />
        )}
      </details>
    </>
  );
}

function withHeld(items: Option[], held?: string): Option[] {
  return held && !items.some((x) => x.value === held) ? [...items, { value: held, label: held }] : items;
}

function Options({ options, problem, onChange }: { options: Option[]; problem?: string; onChange: (o: Option[], tag?: string) => void }) {
  const free = () => {
    for (let n = options.length + 1; ; n++) if (!options.some((o) => o.value === "a" + n)) return "a" + n;
  };
  return (
    <fieldset class={problem ? "field has-error" : "field"}>
      <legend class="label">{w("scenario_options")}</legend>
      {problem && <p class="field-error">{problem}</p>}
      {options.map((o, i) => (
        <div class="d-option">
          <Text label={w("scenario_option", { n: i + 1 })} value={o.label} onChange={(label) => onChange(options.map((x, j) => (j === i ? { ...x, label } : x)), "option" + i)} />
          <Text label={w("scenario_option_hint")} optional value={o.hint} onChange={(hint) => onChange(options.map((x, j) => (j === i ? (tidy({ ...x, hint }) as Option) : x)), "optionhint" + i)} />
          <Act label={w("scenario_option_drop")} of={o.label} off={options.length < 3} on={() => onChange(options.filter((_, j) => j !== i))} />
        </div>
      ))}
      <Act label={w("scenario_option_add")} on={() => onChange([...options, { value: free(), label: "" }])} />
    </fieldset>
  );
}

function TryOut({ start, it, closed, onKeep }: { start: ScenarioStart; it: Item; closed: boolean; onKeep: (t: Trial) => void }) {
  const [given, answer] = useState<Given>({});
  const x = walk(start, it, given);
  return (
    <div data-tryout>
      <h2>{w("scenario_try")}</h2>
      <p class="hint">{w("scenario_try_hint")}</p>
      {x.questions.map((q) => (
        <Select label={q.ask} value={String(given["scenario." + q.key] ?? "")} empty={w("test_unanswered")} options={q.options ?? []} onChange={(v) => answer({ ...given, ["scenario." + q.key]: v })} />
      ))}
      <GivenInputs given={Object.fromEntries(Object.entries(given).filter(([k]) => !k.startsWith("scenario.")))} questions={start.questions} used={used(start)} onChange={(g) => answer({ ...Object.fromEntries(Object.entries(given).filter(([k]) => k.startsWith("scenario."))), ...g })} />
      <Result x={x} start={start} />
      <Held closed={closed}>
        <Act label={w("scenario_keep")} name="keep-trial" on={() => onKeep(trialOf(w("scenario_trial_n", { n: (it.trials?.length ?? 0) + 1 }), given, x))} />
      </Held>
    </div>
  );
}

function Result({ x, start }: { x: Walk; start: ScenarioStart }) {
  const name = (key: string) => start.materials.find((m) => m.key === key)?.label ?? key;
  return (
    <div class="d-result" aria-live="polite">
      {x.stops.map((s) => (
        <p class="field-error">{w("scenario_stops", { title: s.title })}</p>
      ))}
      {x.warns.map((t) => (
        <p class="hint">{w("scenario_warns", { text: t })}</p>
      ))}
      {x.stops.length === 0 && <p>{x.materials.length ? w("scenario_materials", { list: x.materials.map(name).join("、") }) : w("scenario_no_materials")}</p>}
      {x.refused.map((r) => (
        <p class="field-error">{w("scenario_refused", { text: start.rules.find((y) => y.name === r)?.text ?? r })}</p>
      ))}
    </div>
  );
}

interface TrialProps {
  t: Trial;
  closed: boolean;
  x: Walk;
  start: ScenarioStart;
  it: Item;
  problem?: string;
  onRename: (name: string) => void;
  onDrop: () => void;
}

function TrialLine({ t, closed, x, start, it, problem, onRename, onDrop }: TrialProps) {
  const ok = passes(t, x);
  const label = (k: string) => (k.startsWith("scenario.") ? it.scenario?.find((q) => "scenario." + q.key === k)?.ask : start.questions.find((q) => q.name === k)?.label) ?? k;
  const said = (k: string, v: unknown) => it.scenario?.find((q) => "scenario." + q.key === k)?.options?.find((o) => o.value === v)?.label ?? (Array.isArray(v) ? v.join("、") : String(v));
  return (
    <div class="d-group" data-trial={t.name}>
      <Held closed={closed}>
        <Text label={w("scenario_trial_name")} value={t.name} onChange={onRename} />
      </Held>
      <p class="hint">{Object.entries(t.given ?? {}).map(([k, v]) => `${label(k)}：${said(k, v)}`).join("；") || w("test_unanswered")}</p>
      <p>{t.stops ? w("scenario_wants_stop") : w("scenario_materials", { list: (t.materials ?? []).map((k) => start.materials.find((m) => m.key === k)?.label ?? k).join("、") || "—" })}</p>
      <p class={ok ? "d-pass" : "field-error"}>{ok ? w("table_ok") : (problem ?? w("scenario_fails"))}</p>
      <Held closed={closed}>
        <Act label={w("scenario_trial_drop")} of={t.name} on={onDrop} />
      </Held>
    </div>
  );
}

function pieces(it: Item): Piece[] {
  const rest = { ...it, scenario: undefined, trials: undefined };
  return [
    ...(it.scenario ?? []).map((q) => ({ key: "q:" + q.key, label: q.ask, lines: [q.ask, ...(q.options ?? []).map((o) => o.label), q.stop?.title ?? "", q.warn?.text ?? ""].filter(Boolean), value: q })),
    { key: "order", label: w("scenario_order"), lines: [(it.scenario ?? []).map((q) => q.ask).join(" → ")], value: (it.scenario ?? []).map((q) => q.key) },
    { key: "trials", label: w("scenario_trials"), lines: (it.trials ?? []).map((t) => t.name), value: it.trials ?? [] },
    { key: "rest", label: w("scenario_rest"), lines: [it.name], value: rest },
  ];
}

/** merged takes the questions one by one, and what stands elsewhere in the item from the side chosen for it. */
function merged(mine: Item, theirs: Item, c: Choices): Item {
  const side = (key: string) => (c[key] === "theirs" ? theirs : mine);
  const frame = side("order").scenario ?? [];
  const find = (d: Item, key: string) => d.scenario?.find((q) => q.key === key);
  const more = (side("order") === mine ? theirs : mine).scenario?.filter((q) => !frame.some((x) => x.key === q.key) && find(side("q:" + q.key), q.key)) ?? [];
  const scenario = [...frame, ...more].map((q) => find(side("q:" + q.key), q.key)).filter((q): q is Question => !!q);
  const rest = side("rest");
  return tidy({ ...rest, scenario: scenario.length ? scenario : undefined, trials: side("trials").trials }) as Item;
}

function placeOf(it: Item, path: string): string {
  const m = /^\/(scenario|trials)\/(\d+)/.exec(path);
  if (!m) return it.name;
  const i = Number(m[2]);
  return (m[1] === "scenario" ? it.scenario?.[i]?.ask : it.trials?.[i]?.name) || it.name;
}

function jump(it: Item, path: string): void {
  const m = /^\/(scenario|trials)\/(\d+)/.exec(path);
  if (m?.[1] === "scenario") goTo("data-question", it.scenario?.[Number(m[2])]?.key);
  else if (m) goTo("data-trial", it.trials?.[Number(m[2])]?.name);
}
