// The definition under work: changes with undo, a save a moment after the last change, and a copy in the browser until the server has it. A definition
// holds no personal data, so the copy may stay there when a session ends; after signing in again it is offered back.
import { useEffect, useState } from "preact/hooks";
import { say } from "../texts";
import { save } from "./request";
import { same, type Problem, type Start } from "./shared";
import { w } from "./words";

const quietMS = 1000;
const retryMS = 8000;
const togetherMS = 1500; // typing in one place within this time is one step back
const stepsKept = 100;

/** SaveState is where saving stands. */
export type SaveState = "clean" | "waiting" | "saving" | "saved" | "failed" | "signin" | "moved" | "closed" | "refused";

/** Clash is what another designer saved meanwhile. */
export interface Clash<T> {
  base: T; // what both started from
  theirs: T;
  rev: number;
  by: string;
}

interface Copy<T> {
  rev: number;
  base: T;
  doc: T;
}

/** Store holds one definition. Components read it through useStore. */
export class Store<T> {
  doc: T;
  problems: Problem[];
  state: SaveState = "clean";
  note = ""; // words of the server on a refusal
  savedAt = "";
  clash?: Clash<T>;
  readonly closed: boolean;
  readonly held: boolean = false; // the browser keeps changes of this person that a closed change cannot take

  private base: T; // as the server has it
  private rev: number;
  private past: T[] = [];
  private future: T[] = [];
  private tag = "";
  private tagAt = 0;
  private timer = 0;
  private running?: Promise<void>;
  private watchers = new Set<() => void>();
  private readonly data: string;
  private readonly place: string;

  /** mend makes what comes from the server or the browser's copy fit to walk, e.g. null lists. */
  constructor(
    start: Start<T>,
    private readonly mend: (doc: T) => T = (doc) => doc,
  ) {
    this.doc = this.base = mend(start.definition);
    this.rev = start.rev;
    this.problems = start.problems;
    this.closed = start.closed;
    this.data = start.url + "/data";
    this.place = "tongban:design:" + start.url;
    if (start.closed) {
      this.state = "closed";
      this.held = this.kept();
    } else this.restore();
    window.addEventListener("online", () => void this.flush());
    document.addEventListener("visibilitychange", () => document.hidden && void this.flush(true));
    window.addEventListener("beforeunload", (e) => {
      if (this.unsaved() && !this.kept()) e.preventDefault();
    });
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** unsaved says whether something has not reached the server. */
  unsaved(): boolean {
    return this.doc !== this.base;
  }

  /** change puts a new definition in place. Changes of one tag that follow each other closely are taken back together. */
  change(doc: T, tag = ""): void {
    if (this.closed || same(doc, this.doc)) return;
    const now = Date.now();
    if (!tag || tag !== this.tag || now - this.tagAt > togetherMS) {
      this.past.push(this.doc);
      if (this.past.length > stepsKept) this.past.shift();
    }
    this.tag = tag;
    this.tagAt = now;
    this.future = [];
    this.put(doc);
  }

  undo(): void {
    const doc = this.past.pop();
    if (doc === undefined) return;
    this.future.push(this.doc);
    this.tag = "";
    this.put(doc);
    say(w("undone"));
  }

  redo(): void {
    const doc = this.future.pop();
    if (doc === undefined) return;
    this.past.push(this.doc);
    this.tag = "";
    this.put(doc);
    say(w("redone"));
  }

  /** settle ends a clash with the definition both agree on; it is saved over theirs. */
  settle(doc: T): void {
    if (!this.clash) return;
    this.base = this.clash.theirs;
    this.rev = this.clash.rev;
    this.clash = undefined;
    this.state = "waiting";
    this.past.push(this.doc);
    this.put(doc);
  }

  /** flush saves now what is unsaved. */
  async flush(leaving = false): Promise<void> {
    clearTimeout(this.timer);
    if (this.running) await this.running;
    if (!this.unsaved() || this.closed || this.state === "moved") return;
    this.running = this.send(leaving).finally(() => (this.running = undefined));
    await this.running;
  }

  watch(f: () => void): () => void {
    this.watchers.add(f);
    return () => this.watchers.delete(f);
  }

  private put(doc: T): void {
    this.doc = doc;
    if (this.state !== "moved") {
      this.state = this.unsaved() ? "waiting" : "saved";
      this.later(quietMS);
    }
    this.keep();
    this.tell();
  }

  private later(ms: number): void {
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.flush(), ms);
  }

  private async send(leaving: boolean): Promise<void> {
    const doc = this.doc;
    const was = this.state;
    this.turn("saving");
    const answer = await save(this.data, doc, this.rev, leaving);
    switch (answer.kind) {
      case "saved":
        this.problems = answer.problems;
        if (was === "failed" || was === "signin") say(w("saved_again"));
        return this.accepted(doc, answer.rev);
      case "moved": {
        const theirs = this.mend(answer.theirs);
        if (same(theirs, doc)) return this.accepted(doc, answer.rev); // our own save, whose answer was lost
        this.clash = { base: this.base, theirs, rev: answer.rev, by: answer.by };
        return this.turn("moved");
      }
      case "closed":
      case "refused":
        this.note = answer.text;
        return this.alarm(answer.kind);
      default:
        this.later(retryMS);
        return this.alarm(answer.kind);
    }
  }

  private accepted(doc: T, rev: number): void {
    this.base = doc;
    this.rev = rev;
    this.savedAt = new Date().toTimeString().slice(0, 5);
    this.keep();
    this.turn(this.unsaved() ? "waiting" : "saved");
    if (this.unsaved()) this.later(quietMS);
  }

  private alarm(state: SaveState): void {
    this.turn(state);
    say(stateText(this), true);
  }

  private turn(state: SaveState): void {
    this.state = state;
    this.tell();
  }

  private tell(): void {
    for (const f of this.watchers) f();
  }

  /** keep writes the copy in the browser, or removes it once the server has everything. */
  private keep(): void {
    try {
      if (this.unsaved()) localStorage.setItem(this.place, JSON.stringify({ rev: this.rev, base: this.base, doc: this.doc } satisfies Copy<T>));
      else localStorage.removeItem(this.place);
    } catch {
      // no room or not allowed: leaving the page asks first
    }
  }

  private kept(): boolean {
    try {
      return localStorage.getItem(this.place) !== null;
    } catch {
      return false;
    }
  }

  /** restore takes up a copy that never reached the server: after a crash, or after a session ended. */
  private restore(): void {
    let copy: Copy<T>;
    try {
      copy = JSON.parse(localStorage.getItem(this.place) ?? "null") as Copy<T>;
    } catch {
      return;
    }
    if (!copy || same(copy.doc, this.doc)) return this.keep();
    if (copy.rev === this.rev || same(copy.base, this.base)) {
      this.past.push(this.doc);
      this.doc = copy.doc;
      this.state = "waiting";
      this.later(quietMS);
    } else {
      this.clash = { base: copy.base, theirs: this.doc, rev: this.rev, by: "" };
      this.doc = copy.doc;
      this.state = "moved";
    }
    window.setTimeout(() => say(w("restored")), 500);
  }
}

/** stateText says where saving stands, for the eye and the ear. */
export function stateText<T>(s: Store<T>): string {
  const state = s.closed ? (s.held ? "held" : "closed") : s.state === "closed" ? "kept" : s.state;
  return w("save_" + state, { time: s.savedAt, text: s.note });
}

/** useStore draws a component again whenever the store changes. */
export function useStore<T>(store: Store<T>): Store<T> {
  const [, draw] = useState({});
  useEffect(() => store.watch(() => draw({})), [store]);
  return store;
}
