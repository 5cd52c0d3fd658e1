// What two versions of a flow differ in, and one flow out of both. A flow is compared step by step and its order as one thing: where the trees
// differ, one tree is taken whole, with the steps only the other has left out or in as chosen by that row.
import { compare, type Choices, type Piece, type Row } from "../merge";
import { conditionText } from "../condition";
import { same, type Readable } from "../shared";
import { w } from "../words";
import { all, put, type Flow, type Step } from "./model";

/** bare is a step without the steps it holds: those are compared for themselves. */
const bare = (s: Step) => ({ ...s, ways: s.ways?.map((x) => ({ ...x, steps: undefined })), parallel: s.parallel?.length });

/** lines says what a step does, in words. */
export function lines(s: Step, questions: Readable[], post: (key: string) => string): string[] {
  const out = [w("flow_kind_" + s.kind)];
  if (s.post) out.push(`${w("flow_post")}：${post(s.post)}`);
  if (s.posts?.length) out.push(`${w("flow_posts")}：${s.posts.map(post).join("、")}`);
  if (s.need) out.push(`${w("flow_need")}：${s.need}`);
  if (s.limit) out.push(`${w("flow_limit")}：${s.limit.n} ${w("flow_unit_" + s.limit.unit)}`);
  if (s.when) out.push(`${w("flow_when")}：${conditionText(s.when, questions)}`);
  for (const x of s.ways ?? []) out.push(`${x.name}：${x.when ? conditionText(x.when, questions) : w("flow_otherwise")}`);
  for (const c of s.checklist ?? []) out.push(`${w("flow_check_item")}：${c.text}`);
  if (s.hide?.length) out.push(`${w("flow_hide")}：${s.hide.join("、")}`);
  for (const n of s.notices ?? []) out.push(`${w("flow_on_" + n.on)}：${n.text}`);
  return out;
}

const shape = (steps: Step[]): unknown[] => steps.map((s) => [s.key, s.ways?.map((x) => shape(x.steps ?? [])), s.parallel?.map(shape)]);

function words(steps: Step[]): string {
  return steps
    .map((s) => s.name + (s.ways || s.parallel ? `（${[...(s.ways?.map((x) => words(x.steps ?? [])) ?? []), ...(s.parallel?.map(words) ?? [])].join(" ｜ ")}）` : ""))
    .join(" → ");
}

/** difference gives what mine and theirs do not agree on. */
export function difference(base: Flow, mine: Flow, theirs: Flow, questions: Readable[], post: (key: string) => string): Row[] {
  const pieces = (d: Flow): Piece[] => [
    { key: "name", label: w("flow_name"), lines: [d.name, w(d.separate ? "flow_separate_on" : "flow_separate_off")], value: [d.name, !!d.separate] },
    { key: "order", label: w("flow_order"), lines: [words(d.steps)], value: shape(d.steps) },
    ...all(d).map((n) => ({ key: "s:" + n.step.key, label: n.step.name, lines: lines(n.step, questions, post), value: bare(n.step) })),
  ];
  return compare(pieces(base), pieces(mine), pieces(theirs)).filter((r) => r.key === "order" || r.key === "name" || (r.mine && r.theirs));
}

/** merged makes one flow of two by what was chosen: the tree of one, each step of the side chosen for it. */
export function merged(mine: Flow, theirs: Flow, choices: Choices): Flow {
  const side = (key: string) => (choices[key] === "theirs" ? theirs : mine);
  const frame = side("order");
  let out: Flow = { ...frame, name: side("name").name, separate: side("name").separate };
  for (const n of all(frame)) {
    const other = all(side("s:" + n.step.key)).find((x) => x.step.key === n.step.key)?.step;
    if (!other || same(bare(other), bare(n.step))) continue;
    const here = all(out).find((x) => x.step.key === n.step.key)!;
    const ways = here.step.ways && other.ways && here.step.ways.length === other.ways.length ? here.step.ways.map((x, i) => ({ ...other.ways![i], steps: x.steps })) : here.step.ways;
    out = put(out, here.path, { ...other, ways, parallel: here.step.parallel });
  }
  return out;
}
