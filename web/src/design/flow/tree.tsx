// The flow as a vertical tree: 提交 → steps → 办结. Every gap has a button that puts a step there; dragging is only a bonus.
import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { conditionText } from "../condition";
import { w } from "../words";
import { holds, plainKinds, type Flow, type FlowStart, type Step } from "./model";

export interface TreeProps {
  flow: Flow;
  start: FlowStart;
  selected: string;
  closed: boolean;
  bad: Set<string>; // places with problems
  onSelect: (path: string) => void;
  onAdd: (list: string, i: number, kind: string) => void;
  onDrop: (from: string, list: string, i: number) => void;
}

/** Tree draws the whole flow. */
export function Tree(p: TreeProps) {
  return (
    <section class="d-flow" aria-label={w("flow_tree")}>
      <p class="d-end">{w("flow_start")}</p>
      <List p={p} steps={p.flow.steps} at="/steps" inside="" />
      <p class="d-end">{w("flow_end")}</p>
    </section>
  );
}

function List({ p, steps, at, inside }: { p: TreeProps; steps: Step[]; at: string; inside: string }) {
  return (
    <ol class="d-steps">
      {steps.map((s, i) => (
        <Fragment key={s.key}>
          <Gap p={p} list={at} i={i} inside={inside} />
          <Item p={p} s={s} path={`${at}/${i}`} />
        </Fragment>
      ))}
      <Gap p={p} list={at} i={steps.length} inside={inside} />
    </ol>
  );
}

function Gap({ p, list, i, inside }: { p: TreeProps; list: string; i: number; inside: string }) {
  const [open, turn] = useState(false);
  const [over, hover] = useState(false);
  if (p.closed) return null;
  const offered = inside === "parallel" ? ["review", "inspect", "consult", "expert", "countersign"] : inside === "branch" ? ["review", "inspect", "consult", "expert", "countersign", "branch", "parallel"] : [...plainKinds, "consult", "expert", "branch", "parallel", "countersign"];
  return (
    <li
      class={over ? "d-gap over" : "d-gap"}
      onDragOver={(e) => {
        e.preventDefault();
        hover(true);
      }}
      onDragLeave={() => hover(false)}
      onDrop={(e) => {
        e.preventDefault();
        hover(false);
        const from = e.dataTransfer?.getData("text/plain");
        if (from?.startsWith("/steps")) p.onDrop(from, list, i);
      }}
    >
      <button type="button" class="btn small d-add" aria-expanded={open} data-add={`${list}/${i}`} onClick={() => turn(!open)}>
        <span aria-hidden="true">＋</span> {w("flow_add")}
      </button>
      {open && (
        <span class="d-kinds" role="group" aria-label={w("flow_add_what")}>
          {offered.map((k) => (
            <button
              type="button"
              class="btn small"
              data-kind={k}
              onClick={() => {
                turn(false);
                p.onAdd(list, i, k);
              }}
            >
              {w("flow_kind_" + k)}
            </button>
          ))}
        </span>
      )}
    </li>
  );
}

function Item({ p, s, path }: { p: TreeProps; s: Step; path: string }) {
  const on = p.selected === path;
  const post = (key: string) => [...p.start.posts, ...p.start.others].find((x) => x.key === key)?.name ?? key;
  const facts = [s.kind === "countersign" ? (s.posts ?? []).map(post).join("、") : s.post && post(s.post), s.limit && `${s.limit.n} ${w("flow_unit_" + s.limit.unit)}`, s.kind === "consult" && w("flow_silence_" + (s.silence || "wait")), s.kind === "expert" && s.need && w("flow_experts_fact", { n: s.need }), s.assign && w("flow_assign_" + s.assign.by), s.when && conditionText(s.when, p.start.questions)].filter(Boolean);
  return (
    <li class={holds(s.kind) ? "d-node d-holds" : "d-node"} data-kind={s.kind}>
      <button
        type="button"
        class={"d-step" + (on ? " on" : "") + (p.bad.has(path) ? " has-error" : "")}
        aria-pressed={on}
        data-step={s.key}
        draggable={!p.closed}
        onDragStart={(e) => e.dataTransfer?.setData("text/plain", path)}
        onClick={() => p.onSelect(path)}
      >
        <span class="tag">{w("flow_kind_" + s.kind)}</span> <strong>{s.name || w("flow_unnamed")}</strong>
        {facts.length > 0 && <span class="hint">{facts.join(" · ")}</span>}
        {p.bad.has(path) && <span class="field-error">{w("flow_has_problem")}</span>}
      </button>
      {s.ways && (
        <ul class="d-ways">
          {s.ways.map((x, j) => (
            <li class="d-way">
              <p class="d-way-name">
                <strong>{x.name || w("flow_unnamed_way")}</strong>
                <span class="hint">{x.when ? conditionText(x.when, p.start.questions) : j === s.ways!.length - 1 ? w("flow_otherwise") : w("flow_no_condition")}</span>
              </p>
              <List p={p} steps={x.steps ?? []} at={`${path}/ways/${j}/steps`} inside="branch" />
            </li>
          ))}
        </ul>
      )}
      {s.parallel && (
        <ul class="d-ways">
          {s.parallel.map((list, j) => (
            <li class="d-way">
              <p class="d-way-name">
                <strong>{w("flow_lane", { n: j + 1 })}</strong>
              </p>
              <List p={p} steps={list} at={`${path}/parallel/${j}`} inside="parallel" />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
