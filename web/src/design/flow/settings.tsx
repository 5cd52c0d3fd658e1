// The settings of one step: who, how long, what it asks of people, what they see, what the applicant hears.
import { ConditionPicker } from "../condition";
import { Act, Check, Num, Select, Text } from "../inputs";
import { tidy } from "../shared";
import { w } from "../words";
import { all, assignBy, holds, rights, type Assign, type CheckItem, type Flow, type FlowStart, type Notice, type Rule, type Step, type Way } from "./model";

interface Props {
  flow: Flow;
  start: FlowStart;
  path: string;
  step: Step;
  problems: { path: string; text: string }[]; // of this step, paths under it
  onChange: (s: Step, tag?: string) => void;
}

/** StepSettings edits a step. */
export function StepSettings(p: Props) {
  const { step } = p;
  const set = (more: Partial<Step>, tag = "") => p.onChange(tidy({ ...step, ...more }) as Step, tag && `${step.key}.${tag}`);
  const problem = (prop: string) => p.problems.find((x) => x.path.startsWith(`${p.path}/${prop}`))?.text;
  const general = p.problems.find((x) => x.path === p.path)?.text;
  const holding = holds(step.kind);
  return (
    <div class="d-settings-body">
      {general && <p class="field-error">{general}</p>}
      <Text label={w("flow_step_name")} value={step.name} problem={problem("name")} name="name" onChange={(name) => p.onChange({ ...step, name }, step.key + ".name")} />
      {!holding && step.kind !== "countersign" && <Who p={p} set={set} problem={problem("post")} />}
      {step.kind === "countersign" && <Posts p={p} set={set} problem={problem("posts") ?? problem("need")} />}
      {!holding && <Limit p={p} set={set} problem={problem("limit")} />}
      {step.kind === "inspect" && <Num label={w("flow_officers")} hint={w("flow_officers_hint")} value={step.officers} problem={problem("officers")} name="officers" onChange={(officers) => set({ officers }, "officers")} />}
      {step.kind === "decide" && <Check label={w("flow_on_the_spot")} value={step.on_the_spot} onChange={(on_the_spot) => set({ on_the_spot })} />}
      {step.kind === "consult" && <Asking p={p} set={set} problem={problem("silence")} />}
      {step.kind === "expert" && <Num label={w("flow_experts")} hint={w("flow_experts_hint")} value={step.need} problem={problem("need")} name="need" onChange={(need) => set({ need }, "need")} />}
      {!holding && step.kind !== "countersign" && <Assigning p={p} set={set} problem={problem("assign")} />}
      {step.kind === "branch" && <Ways p={p} />}
      {step.kind === "parallel" && (
        <div class="field">
          <Act label={w("flow_add_lane")} name="add-lane" on={() => p.onChange({ ...step, parallel: [...(step.parallel ?? []), []] })} />
          <Act label={w("flow_drop_lane")} name="drop-lane" off={(step.parallel?.length ?? 0) < 3 || (step.parallel?.at(-1)?.length ?? 0) > 0} on={() => p.onChange({ ...step, parallel: step.parallel?.slice(0, -1) })} />
        </div>
      )}
      {!["accept", "decide"].includes(step.kind) && (
        <ConditionPicker
          label={w("flow_when")}
          always={w("flow_always")}
          none={w("flow_when_none")}
          value={step.when}
          questions={p.start.questions}
          problem={problem("when")}
          onChange={(when) => set({ when })}
        />
      )}
      {!holding && <Checklist p={p} />}
      {!holding && <Apart p={p} set={set} />}
      {!holding && <Hidden p={p} set={set} />}
      {!holding && <Notices p={p} problem={problem("notices")} />}
    </div>
  );
}

interface PartProps {
  p: Props;
  set: (more: Partial<Step>, tag?: string) => void;
  problem?: string;
}

function Who({ p, set, problem }: PartProps) {
  const consult = p.step.kind === "consult";
  const right = p.step.kind === "expert" ? "review" : p.step.kind;
  const may = consult ? p.start.others : p.start.posts.filter((x) => x.acts.includes(right));
  const held = [...p.start.posts, ...p.start.others].find((x) => x.key === p.step.post);
  const options = may.map((x) => ({ value: x.key, label: x.name }));
  if (p.step.post && !may.some((x) => x.key === p.step.post)) options.push({ value: p.step.post, label: held ? w("flow_post_may_not", { name: held.name }) : p.step.post });
  return <Select label={w(consult ? "flow_asked" : "flow_post")} hint={w(consult ? "flow_asked_hint" : "flow_post_hint")} value={p.step.post} options={options} empty={w("flow_choose")} problem={problem} name="post" onChange={(post) => set({ post })} />;
}

function Posts({ p, set, problem }: PartProps) {
  const held = p.step.posts ?? [];
  return (
    <fieldset class={problem ? "field has-error" : "field"}>
      <legend class="label">{w("flow_posts")}</legend>
      {problem && <p class="field-error">{problem}</p>}
      {p.start.posts
        .filter((x) => x.acts.includes("review"))
        .map((x) => (
          <Check label={x.name} value={held.includes(x.key)} onChange={(on) => set({ posts: on ? [...held, x.key] : held.filter((k) => k !== x.key) })} />
        ))}
      <Num label={w("flow_need")} hint={w("flow_need_hint")} optional value={p.step.need} onChange={(need) => set({ need }, "need")} />
    </fieldset>
  );
}

function Asking({ p, set, problem }: PartProps) {
  return (
    <>
      <Text label={w("flow_question")} hint={w("flow_question_hint")} optional lines={2} value={p.step.question} name="question" onChange={(question) => set({ question }, "question")} />
      <Select label={w("flow_silence")} hint={w("flow_silence_hint")} value={p.step.silence ?? ""} options={[{ value: "", label: w("flow_silence_wait") }, ...["agree", "none"].map((v) => ({ value: v, label: w("flow_silence_" + v) }))]} problem={problem} name="silence" onChange={(silence) => set({ silence: silence || undefined })} />
    </>
  );
}

/** Assigning says who gets the step, and edits the rules where rules decide. */
function Assigning({ p, set, problem }: PartProps) {
  const a = p.step.assign;
  const put = (next: Assign | undefined, tag = "") => set({ assign: next && (tidy(next) as Assign) }, tag);
  const everybody = [...p.start.posts, ...(p.step.kind === "consult" ? p.start.others : [])];
  const posts = everybody.map((x) => ({ value: x.key, label: x.name }));
  const rules = a?.rules ?? [];
  const rule = (i: number, more: Partial<Rule>) => put({ ...a!, rules: rules.map((r, j) => (j === i ? (tidy({ ...r, ...more }) as Rule) : r)) });
  return (
    <fieldset class={problem ? "field has-error" : "field"} data-name="assign">
      <legend class="label">{w("flow_assign")}</legend>
      <p class="hint">{w("flow_assign_hint")}</p>
      {problem && <p class="field-error">{problem}</p>}
      <Select label={w("flow_assign_by")} value={a?.by ?? ""} options={assignBy.filter((v) => v !== "post").map((v) => ({ value: v, label: w("flow_assign_" + v) }))} empty={w("flow_assign_post")} name="assign-by" onChange={(by) => put(by ? { by, ...(by === "rule" ? { rules: [{}] } : {}) } : undefined)} />
      {a?.by === "role" && <Select label={w("flow_assign_right")} value={a.role ?? ""} options={rights.map((v) => ({ value: v, label: w("flow_right_" + v) }))} empty={w("flow_choose")} name="assign-role" onChange={(role) => put({ ...a, role })} />}
      {a?.by === "region" && <Select label={w("flow_assign_field")} value={a.field ?? ""} options={[{ value: "case.region", label: w("flow_assign_case_region") }, ...p.start.regions.map((x) => ({ value: x.key, label: x.label }))]} empty={w("flow_choose")} name="assign-field" onChange={(field) => put({ ...a, field })} />}
      {a?.by === "rule" && (
        <div class="d-rules">
          {rules.map((r, i) => (
            <div class="d-group">
              <ConditionPicker label={w("flow_assign_when", { n: i + 1 })} always={w("flow_assign_otherwise")} none={w("flow_when_none")} value={r.when} questions={p.start.questions} onChange={(when) => rule(i, { when })} />
              <Select label={w("flow_assign_to")} value={r.post ?? ""} options={posts} empty={w("flow_choose")} onChange={(post) => rule(i, { post })} />
              <Text label={w("flow_assign_staff")} hint={w("flow_assign_staff_hint")} optional value={r.staff} onChange={(staff) => rule(i, { staff })} />
              <Act label={w("flow_assign_drop")} of={String(i + 1)} off={rules.length < 2} on={() => put({ ...a, rules: rules.filter((_, j) => j !== i) })} />
            </div>
          ))}
          <Act label={w("flow_assign_add")} name="add-rule" on={() => put({ ...a, rules: [...rules, {}] })} />
        </div>
      )}
      {a && a.by !== "load" && <Check label={w("flow_assign_share")} value={a.load} onChange={(load) => put({ ...a, load })} />}
    </fieldset>
  );
}

const units = ["workday", "naturalday", "month", "hour"];

function Limit({ p, set, problem }: PartProps) {
  const l = p.step.limit;
  return (
    <div class="field-row">
      <Num label={w("flow_limit")} optional problem={problem} name="limit" value={l?.n} onChange={(n) => set({ limit: n === undefined ? undefined : { n, unit: l?.unit ?? p.start.promised?.unit ?? "workday" } }, "limit")} />
      <Select label={w("flow_unit")} value={l?.unit ?? p.start.promised?.unit ?? "workday"} options={units.map((u) => ({ value: u, label: w("flow_unit_" + u) }))} onChange={(unit) => l && set({ limit: { ...l, unit } })} />
    </div>
  );
}

function Ways({ p }: { p: Props }) {
  const ways = p.step.ways ?? [];
  const put = (next: Way[], tag = "") => p.onChange({ ...p.step, ways: next }, tag && `${p.step.key}.${tag}`);
  const problem = (j: number) => p.problems.find((x) => x.path.startsWith(`${p.path}/ways/${j}/`) && !x.path.startsWith(`${p.path}/ways/${j}/steps`))?.text;
  const swap = (i: number, j: number) => put(ways.map((x, k) => (k === i ? ways[j] : k === j ? ways[i] : x)));
  return (
    <fieldset class="field" data-name="ways">
      <legend class="label">{w("flow_ways")}</legend>
      <p class="hint">{w("flow_ways_hint")}</p>
      {ways.map((x, j) => {
        const last = j === ways.length - 1;
        return (
          <div class="d-group">
            <Text label={w("flow_way_name", { n: j + 1 })} value={x.name} problem={problem(j)} onChange={(name) => put(ways.map((y, k) => (k === j ? { ...y, name } : y)), "way" + j)} />
            {last ? (
              <p class="hint">{w("flow_otherwise_hint")}</p>
            ) : (
              <ConditionPicker
                label={w("flow_way_when")}
                always={w("flow_no_condition")}
                none={w("flow_when_none")}
                value={x.when}
                questions={p.start.questions}
                onChange={(when) => put(ways.map((y, k) => (k === j ? (tidy({ ...y, when }) as Way) : y)))}
              />
            )}
            <div class="actions">
              <Act label={w("up")} of={x.name} off={j === 0 || last} on={() => swap(j, j - 1)} />
              <Act label={w("down")} of={x.name} off={j >= ways.length - 2} on={() => swap(j, j + 1)} />
              <Act label={w("flow_drop_way")} of={x.name} off={last || ways.length < 3} on={() => put(ways.filter((_, k) => k !== j))} />
            </div>
          </div>
        );
      })}
      <Act label={w("flow_add_way")} name="add-way" on={() => put([...ways.slice(0, -1), { name: "" }, ...ways.slice(-1)])} />
    </fieldset>
  );
}

function Checklist({ p }: { p: Props }) {
  const list = p.step.checklist ?? [];
  const put = (next: CheckItem[], tag = "") => p.onChange(tidy({ ...p.step, checklist: next.length ? next : undefined }) as Step, tag && `${p.step.key}.${tag}`);
  const edit = (i: number, more: Partial<CheckItem>, tag = "") => put(list.map((c, j) => (j === i ? (tidy({ ...c, ...more }) as CheckItem) : c)), tag);
  const free = () => {
    for (let i = list.length + 1; ; i++) if (!list.some((c) => c.key === "c" + i)) return "c" + i;
  };
  return (
    <fieldset class="field" data-name="checklist">
      <legend class="label">{w("flow_checklist")}</legend>
      {list.map((c, i) => (
        <div class="d-group">
          <Text label={w("flow_check_item")} value={c.text} problem={p.problems.find((x) => x.path.startsWith(`${p.path}/checklist/${i}`))?.text} onChange={(text) => put(list.map((y, j) => (j === i ? { ...y, text } : y)), "check" + i)} lines={2} />
          <Text label={w("flow_check_basis")} optional value={c.basis} onChange={(basis) => edit(i, { basis }, "basis" + i)} />
          <Check label={w("flow_check_critical")} value={c.critical} onChange={(critical) => edit(i, { critical })} />
          <Act label={w("flow_check_drop")} of={c.text} on={() => put(list.filter((_, j) => j !== i))} />
        </div>
      ))}
      <Act label={w("flow_check_add")} name="add-check" on={() => put([...list, { key: free(), text: "" }])} />
    </fieldset>
  );
}

function Apart({ p, set }: PartProps) {
  const others = all(p.flow).filter((n) => n.step.key !== p.step.key && !holds(n.step.kind) && ["accept", "review", "inspect", "consult", "expert", "decide"].includes(n.step.kind));
  if (!others.length || !["review", "inspect", "decide"].includes(p.step.kind)) return null;
  const held = p.step.not_by ?? [];
  const put = (next: string[]) => set({ not_by: next.length ? next : undefined });
  return (
    <fieldset class="field">
      <legend class="label">{w("flow_apart")}</legend>
      {others.map((n) => (
        <Check label={n.step.name} value={held.includes(n.step.key)} onChange={(on) => put(on ? [...held, n.step.key] : held.filter((k) => k !== n.step.key))} />
      ))}
    </fieldset>
  );
}

function Hidden({ p, set }: PartProps) {
  if (!p.start.answers.length) return null;
  const held = p.step.hide ?? [];
  const put = (next: string[]) => set({ hide: next.length ? next : undefined });
  return (
    <details class="field" open={held.length > 0}>
      <summary>{w("flow_hide")}</summary>
      <p class="hint">{w("flow_hide_hint")}</p>
      {p.start.answers.map((a) => (
        <Check label={a.label} value={held.includes(a.key)} onChange={(on) => put(on ? [...held, a.key] : held.filter((k) => k !== a.key))} />
      ))}
      {held
        .filter((k) => !p.start.answers.some((a) => a.key === k))
        .map((k) => (
          <Check label={w("when_gone", { key: k })} value onChange={() => put(held.filter((x) => x !== k))} />
        ))}
    </details>
  );
}

function Notices({ p, problem }: { p: Props; problem?: string }) {
  const list = p.step.notices ?? [];
  const put = (next: Notice[], tag = "") => p.onChange(tidy({ ...p.step, notices: next.length ? next : undefined }) as Step, tag && `${p.step.key}.${tag}`);
  const edit = (i: number, more: Partial<Notice>, tag = "") => put(list.map((n, j) => (j === i ? { ...n, ...more } : n)), tag);
  return (
    <fieldset class={problem ? "field has-error" : "field"} data-name="notices">
      <legend class="label">{w("flow_notices")}</legend>
      <p class="hint">{w("flow_notices_hint")}</p>
      {problem && <p class="field-error">{problem}</p>}
      {list.map((n, i) => (
        <div class="d-group">
          <Select label={w("flow_notice_on")} value={n.on} options={(["enter", "leave"] as const).map((v) => ({ value: v, label: w("flow_on_" + v) }))} onChange={(on) => edit(i, { on: on as Notice["on"] })} />
          <Text label={w("flow_notice_text")} lines={2} value={n.text} onChange={(text) => edit(i, { text }, "notice" + i)} />
          <Act label={w("flow_notice_drop")} of={n.text} on={() => put(list.filter((_, j) => j !== i))} />
        </div>
      ))}
      <Act label={w("flow_notice_add")} name="add-notice" on={() => put([...list, { on: "enter", text: "" }])} />
    </fieldset>
  );
}
