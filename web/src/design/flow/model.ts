// A flow as a value: places are JSON pointers ("/steps/1/ways/0/steps/2"), every change gives a new flow.
import type { Expr, Readable, Start } from "../shared";

/** Limit is how long a step may take. */
export interface Limit {
  n: number;
  unit: string;
}

/** Way is one arm of a branch; the last one has no condition. */
export interface Way {
  name: string;
  when?: Expr;
  steps?: Step[];
}

export interface CheckItem {
  key: string;
  text: string;
  basis?: string;
  critical?: boolean;
}

export interface Notice {
  on: "enter" | "leave";
  text: string;
}

/** Step is one station of a flow (internal/engine/flow). */
export interface Step {
  key: string;
  name: string;
  kind: string;
  post: string;
  limit?: Limit;
  when?: Expr;
  officers?: number;
  checklist?: CheckItem[];
  not_by?: string[];
  acts?: string[];
  on_the_spot?: boolean;
  ways?: Way[];
  parallel?: Step[][];
  posts?: string[];
  need?: number;
  hide?: string[];
  notices?: Notice[];
  question?: string;
  silence?: string;
  assign?: Assign;
}

/** Assign says who gets a step. */
export interface Assign {
  by: string;
  role?: string;
  field?: string;
  rules?: Rule[];
  load?: boolean;
}

export interface Rule {
  when?: Expr;
  post?: string;
  staff?: string;
}

export interface Flow {
  key: string;
  name: string;
  separate?: boolean;
  steps: Step[];
}

/** Post is a post of the agency with the acts it may do. */
export interface Post {
  key: string;
  name: string;
  acts: string[];
}

/** FlowStart is what the page carries. */
export interface FlowStart extends Start<Flow> {
  posts: Post[];
  others: Post[]; // of other agencies, for consultations
  regions: { key: string; label: string }[]; // questions answered with a region
  questions: Readable[]; // what conditions may read
  answers: { key: string; label: string }[]; // form fields, for hiding
  promised?: Limit;
  bpmn: string; // address of the export
}

/** kinds in legal order, then those that hold others. */
export const plainKinds = ["receive", "accept", "review", "inspect", "decide", "certificate", "deliver"];
export const askKinds = ["consult", "expert"];
export const kinds = [...plainKinds, ...askKinds, "branch", "parallel", "countersign"];
export const assignBy = ["post", "role", "region", "load", "rule"];
export const rights = ["receive", "accept", "review", "inspect", "decide", "certificate", "deliver", "extend"];
export const holds = (kind: string) => kind === "branch" || kind === "parallel";

/** listOf and indexOf take a place apart: the list that holds the step, and where in it. */
export const listOf = (path: string) => path.slice(0, path.lastIndexOf("/"));
export const indexOf = (path: string) => Number(path.slice(path.lastIndexOf("/") + 1));

function walk(node: any, parts: string[]): any {
  return parts.reduce((x, p) => (x === undefined ? undefined : x[p]), node);
}

const split = (path: string) => path.split("/").slice(1);

/** at gives the step, way or list at a place. */
export const at = <T,>(d: Flow, path: string): T | undefined => walk(d, split(path)) as T | undefined;

/** ownerOf gives the step a problem's path belongs to; "" for the flow itself. */
export function ownerOf(path: string): string {
  const m = /^(\/steps\/\d+(?:\/(?:ways\/\d+\/steps|parallel\/\d+)\/\d+)*)/.exec(path);
  return m?.[1] ?? "";
}

/** put replaces what stands at a place. */
export function put(d: Flow, path: string, value: unknown): Flow {
  const parts = split(path);
  const set = (node: any, i: number): any => {
    if (i === parts.length) return value;
    const next = Array.isArray(node) ? [...node] : { ...node };
    next[parts[i]] = set(node?.[parts[i]], i + 1);
    return next;
  };
  return set(d, 0) as Flow;
}

/** insert puts a step into a list; take removes one. */
export function insert(d: Flow, list: string, i: number, s: Step): Flow {
  const have = at<Step[]>(d, list) ?? [];
  return put(d, list, [...have.slice(0, i), s, ...have.slice(i)]);
}

export function take(d: Flow, path: string): Flow {
  const list = listOf(path);
  const i = indexOf(path);
  return put(d, list, (at<Step[]>(d, list) ?? []).filter((_, j) => j !== i));
}

/** Node is a step with where it stands. */
export interface Node {
  path: string;
  step: Step;
}

/** all gives every step, those that hold others first. */
export function all(d: Flow): Node[] {
  const out: Node[] = [];
  const visit = (steps: Step[], at: string) =>
    steps.forEach((step, i) => {
      const path = `${at}/${i}`;
      out.push({ path, step });
      step.ways?.forEach((w, j) => visit(w.steps ?? [], `${path}/ways/${j}/steps`));
      step.parallel?.forEach((list, j) => visit(list, `${path}/parallel/${j}`));
    });
  visit(d.steps, "/steps");
  return out;
}

/** freeKey gives a key nobody has yet. */
export function freeKey(d: Flow, kind: string): string {
  const taken = new Set(all(d).map((n) => n.step.key));
  for (let i = 1; ; i++) {
    const key = i === 1 ? kind : `${kind}${i}`;
    if (!taken.has(key)) return key;
  }
}

/** fresh makes a step of a kind; the default way of a branch stands last. */
export function fresh(d: Flow, kind: string, name: string, other: string, posts: Post[]): Step {
  const post = kind === "consult" ? "" : posts.find((p) => p.acts.includes(kind === "countersign" || kind === "expert" ? "review" : kind))?.key ?? "";
  const s: Step = { key: freeKey(d, kind), name, kind, post: holds(kind) || kind === "countersign" ? "" : post };
  switch (kind) {
    case "inspect":
      s.officers = 2;
      break;
    case "branch":
      s.ways = [{ name: "" }, { name: other }];
      break;
    case "parallel":
      s.parallel = [[], []];
      break;
    case "countersign":
      s.posts = [];
      break;
    case "consult":
      s.limit = { n: 5, unit: "workday" };
      break;
    case "expert":
      s.need = 3;
  }
  return s;
}

/** rekeyed gives a copy whose steps have keys of their own. */
export function rekeyed(d: Flow, s: Step): Step {
  const taken = new Set(all(d).map((n) => n.step.key));
  const copy = (x: Step): Step => {
    let key = x.key;
    for (let i = 2; taken.has(key); i++) key = `${x.key.replace(/\d+$/, "")}${i}`;
    taken.add(key);
    return { ...x, key, ways: x.ways?.map((w) => ({ ...w, steps: w.steps?.map(copy) })), parallel: x.parallel?.map((list) => list.map(copy)) };
  };
  return copy(s);
}

/** moved takes a step to an index of a list, counted before it is taken; undefined when it would go into itself. */
export function moved(d: Flow, from: string, list: string, i: number): { flow: Flow; path: string } | undefined {
  if (list.startsWith(from + "/")) return undefined;
  const step = at<Step>(d, from);
  if (!step) return undefined;
  const home = listOf(from);
  if (home === list && (indexOf(from) === i || indexOf(from) + 1 === i)) return undefined;
  // Put first and take afterwards, so that no index shifts under the other; then the place taken from may have moved by one.
  const hole = home === list && i <= indexOf(from) ? `${home}/${indexOf(from) + 1}` : shifted(from, list, i);
  const flow = take(insert(d, list, i, step), hole);
  return { flow, path: found(flow, step.key) };
}

/** shifted is where a place lies after something was put into a list before it. */
function shifted(path: string, list: string, i: number): string {
  if (!path.startsWith(list + "/")) return path;
  const [n, ...rest] = path.slice(list.length + 1).split("/");
  return [list, Number(n) >= i ? String(Number(n) + 1) : n, ...rest].join("/");
}

/** found gives the place of a key. */
export const found = (d: Flow, key: string) => all(d).find((n) => n.step.key === key)?.path ?? "";

/** lists gives every list a step may stand in, with what to call it. */
export function lists(d: Flow): { path: string; step?: Step; way: number }[] {
  const out: { path: string; step?: Step; way: number }[] = [{ path: "/steps", way: 0 }];
  for (const n of all(d)) {
    n.step.ways?.forEach((_, j) => out.push({ path: `${n.path}/ways/${j}/steps`, step: n.step, way: j }));
    n.step.parallel?.forEach((_, j) => out.push({ path: `${n.path}/parallel/${j}`, step: n.step, way: j }));
  }
  return out;
}

/** span adds up the limits of the longest way between acceptance and decision, in one unit. */
export function span(steps: Step[], unit: string): number {
  return steps.reduce((sum, s) => {
    const inner = [...(s.ways?.map((w) => span(w.steps ?? [], unit)) ?? []), ...(s.parallel?.map((l) => span(l, unit)) ?? [])];
    const own = ["review", "inspect", "decide", "countersign", "consult", "expert"].includes(s.kind) && s.limit?.unit === unit ? s.limit.n : 0;
    return sum + own + Math.max(0, ...inner);
  }, 0);
}
