// One place that talks to the data address of a definition.
import type { Problem } from "./shared";

/** Answer is what came of a save. */
export type Answer<T> =
  | { kind: "saved"; rev: number; problems: Problem[] }
  | { kind: "moved"; rev: number; theirs: T; by: string } // somebody else saved first; theirs is what is there now
  | { kind: "closed"; text: string } // the change is no draft any more, or is gone
  | { kind: "refused"; text: string } // the server will not take this text
  | { kind: "signin" }
  | { kind: "failed" };

interface Body<T> {
  rev?: number;
  problems?: Problem[];
  theirs?: T;
  by?: string;
  detail?: string;
}

/** save writes a definition over the revision it was made from. */
export async function save<T>(url: string, definition: T, rev: number, leaving = false): Promise<Answer<T>> {
  const body = JSON.stringify({ definition, rev });
  const answer = await post(url, body, leaving && body.length < 60_000);
  if (!answer) return { kind: "failed" };
  if (answer.type === "opaqueredirect" || answer.status === 401) return { kind: "signin" };
  const facts = (await answer.json().catch(() => ({}))) as Body<T>;
  if (answer.ok && facts.rev !== undefined) return { kind: "saved", rev: facts.rev, problems: facts.problems ?? [] };
  if (answer.status === 409 && facts.theirs) return { kind: "moved", rev: facts.rev ?? 0, theirs: facts.theirs, by: facts.by ?? "" };
  if ([403, 404, 409].includes(answer.status)) return { kind: "closed", text: facts.detail ?? "" };
  if (answer.status >= 400 && answer.status < 500 && answer.status !== 429) return { kind: "refused", text: facts.detail ?? "" };
  return { kind: "failed" };
}

/** ask posts JSON and gives the answer's JSON; undefined when nothing of use came back. */
export async function ask<T>(url: string, question: unknown): Promise<T | undefined> {
  const answer = await post(url, JSON.stringify(question));
  return answer?.ok ? ((await answer.json().catch(() => undefined)) as T | undefined) : undefined;
}

const patienceMS = 30_000; // a server that says nothing for so long has not saved

/** post sends JSON; X-Autosave has a refusal answered in words for scripts instead of a page. */
async function post(url: string, body: string, keepalive = false): Promise<Response | undefined> {
  try {
    return await fetch(url, { method: "POST", body, keepalive, redirect: "manual", signal: AbortSignal.timeout(patienceMS), headers: { "Content-Type": "application/json", Accept: "application/json", "X-Autosave": "1" } });
  } catch {
    return undefined;
  }
}
