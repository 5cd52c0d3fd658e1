// The flow designer: a tree on the left, the settings of the chosen step on the right.
import { useEffect, useMemo, useState } from "preact/hooks";
import { say } from "../../texts";
import { Problems } from "../bar";
import { Dialog } from "../dialog";
import { Frame } from "../frame";
import { Act, Check, Held, Text } from "../inputs";
import type { Start } from "../shared";
import { Store, useStore } from "../store";
import { w } from "../words";
import { difference, merged } from "./merge";
import { at, fresh, indexOf, insert, listOf, lists, moved, ownerOf, put, rekeyed, span, take, type Flow, type FlowStart, type Step } from "./model";
import { StepSettings } from "./settings";
import { Tree } from "./tree";

/** flowDesigner makes the designer of a page. */
export function flowDesigner(start: Start<unknown>) {
  return <Designer start={start as FlowStart} />;
}

function Designer({ start }: { start: FlowStart }) {
  const store = useStore(useMemo(() => new Store<Flow>(start), [start]));
  const [selected, select] = useState("");
  const [moving, turn] = useState(false);
  const flow = store.doc;
  const step = selected ? at<Step>(flow, selected) : undefined;
  const posts = (key: string) => [...start.posts, ...start.others].find((x) => x.key === key)?.name ?? key;
  const bad = new Set(store.problems.map((p) => ownerOf(p.path)).filter(Boolean));

  // After a change made elsewhere (undo, merge) the selected place may be gone.
  useEffect(() => {
    if (selected && !at(flow, selected)) select("");
  }, [flow, selected]);

  const place = (path: string) => {
    const list = listOf(path);
    return w("flow_now_at", { n: indexOf(path) + 1, of: at<Step[]>(flow, list)?.length ?? 0 });
  };
  const go = (next: Flow, path: string, words: string) => {
    store.change(next);
    select(path);
    say(words);
    focusStep(at<Step>(next, path)?.key);
  };
  const add = (list: string, i: number, kind: string) => {
    const s = fresh(flow, kind, w("flow_kind_" + kind), w("flow_others"), start.posts);
    go(insert(flow, list, i, s), `${list}/${i}`, w("flow_added", { name: s.name, n: i + 1 }));
  };
  const move = (from: string, list: string, i: number) => {
    const name = at<Step>(flow, from)?.name ?? "";
    const m = moved(flow, from, list, i);
    if (m) go(m.flow, m.path, w("flow_moved", { name, n: indexOf(m.path) + 1 }));
  };
  const shift = (by: 1 | -1) => step && move(selected, listOf(selected), indexOf(selected) + (by === 1 ? 2 : -1));
  const drop = () => {
    if (!step) return;
    const list = listOf(selected);
    const next = take(flow, selected);
    const left = at<Step[]>(next, list) ?? [];
    const to = left.length ? `${list}/${Math.min(indexOf(selected), left.length - 1)}` : "";
    go(next, to, w("flow_dropped", { name: step.name }));
  };
  const copy = () => {
    if (!step) return;
    const s = rekeyed(flow, step);
    go(insert(flow, listOf(selected), indexOf(selected) + 1, s), `${listOf(selected)}/${indexOf(selected) + 1}`, w("flow_copied", { name: step.name }));
  };
  const siblings = step ? (at<Step[]>(flow, listOf(selected))?.length ?? 0) : 0;
  const unit = start.promised?.unit ?? "workday";
  const sum = span(flow.steps, unit);

  return (
    <Frame
      store={store}
      published={start.published}
      rows={(base, mine, theirs) => difference(base, mine, theirs, start.questions, posts)}
      merged={merged}
      more={
        <a class="btn small" href={start.bpmn}>
          {w("flow_bpmn")}
        </a>
      }
    >
      <div>
        <Held closed={store.closed}>
          <Text label={w("flow_name")} value={flow.name} name="flow-name" onChange={(name) => store.change({ ...flow, name }, "name")} />
          <Check label={w("flow_separate")} hint={w("flow_separate_hint")} value={flow.separate} onChange={(v) => store.change({ ...flow, separate: v || undefined })} />
        </Held>
        <p class={start.promised && sum > start.promised.n ? "field-error" : "hint"} data-sum>
          {start.promised ? w("flow_sum", { sum, n: start.promised.n, unit: w("flow_unit_" + unit) }) : w("flow_sum_free", { sum, unit: w("flow_unit_" + unit) })}
        </p>
        <Tree flow={flow} start={start} selected={selected} closed={store.closed} bad={bad} onSelect={select} onAdd={add} onDrop={move} />
      </div>
      <section class="d-settings" aria-label={w("flow_settings")}>
        {step ? (
          <>
            <h2>
              {step.name || w("flow_unnamed")} <span class="tag">{w("flow_kind_" + step.kind)}</span>
            </h2>
            <p class="hint">{place(selected)}</p>
            <Held closed={store.closed}>
              <div class="actions">
                <Act label={w("up")} of={step.name} name="up" off={indexOf(selected) === 0} on={() => shift(-1)} />
                <Act label={w("down")} of={step.name} name="down" off={indexOf(selected) >= siblings - 1} on={() => shift(1)} />
                <Act label={w("flow_move_to")} of={step.name} name="move" on={() => turn(true)} />
                <Act label={w("flow_copy")} of={step.name} name="copy" on={copy} />
                <Act label={w("flow_drop")} of={step.name} name="drop" kind="danger" on={drop} />
              </div>
              <StepSettings
                key={step.key}
                flow={flow}
                start={start}
                path={selected}
                step={step}
                problems={store.problems.filter((p) => ownerOf(p.path) === selected)}
                onChange={(s, tag) => store.change(put(flow, selected, s), tag)}
              />
            </Held>
          </>
        ) : (
          <p class="hint">{w("flow_choose_step")}</p>
        )}
        <Problems
          problems={store.problems.map((p) => ({ ...p, place: at<Step>(flow, ownerOf(p.path))?.name || flow.name }))}
          onJump={(path) => {
            const owner = ownerOf(path);
            if (owner) {
              select(owner);
              focusStep(at<Step>(flow, owner)?.key);
            }
          }}
        />
      </section>
      {moving && step && <MoveDialog flow={flow} from={selected} step={step} onClose={() => turn(false)} onMove={move} />}
    </Frame>
  );
}

interface MoveProps {
  flow: Flow;
  from: string;
  step: Step;
  onClose: () => void;
  onMove: (from: string, list: string, i: number) => void;
}

/** MoveDialog lists every gap of the tree a step could go to. */
function MoveDialog(p: MoveProps) {
  const gaps = lists(p.flow)
    .filter((l) => !l.path.startsWith(p.from + "/"))
    .map((l) => ({ ...l, steps: at<Step[]>(p.flow, l.path) ?? [] }));
  const name = (l: (typeof gaps)[number]) => (l.step ? `${l.step.name} · ${l.step.ways?.[l.way]?.name || w("flow_lane", { n: l.way + 1 })}` : w("flow_trunk"));
  return (
    <Dialog title={w("flow_move_title", { name: p.step.name })} onClose={p.onClose}>
      {gaps.map((l) => (
        <fieldset class="field">
          <legend class="label">{name(l)}</legend>
          <div class="actions">
            {Array.from({ length: l.steps.length + 1 }, (_, i) => (
              <button
                type="button"
                class="btn small"
                onClick={() => {
                  p.onClose();
                  p.onMove(p.from, l.path, i);
                }}
              >
                {i === 0 ? w("flow_first") : w("flow_after", { name: l.steps[i - 1].name })}
              </button>
            ))}
          </div>
        </fieldset>
      ))}
    </Dialog>
  );
}

/** focusStep puts the keyboard on a step once it is drawn. */
function focusStep(key: string | undefined): void {
  if (key) requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-step="${CSS.escape(key)}"]`)?.focus());
}
