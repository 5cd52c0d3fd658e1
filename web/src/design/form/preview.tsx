// The form as an applicant sees it, drawn by the server's own renderer at the width of a phone, and filled in on trial: pages, errors, the page of
// answers, and what the desk sees. Nothing typed here is kept.
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../../texts";
import { conditions } from "../../conditions";
import { ask } from "../request";
import { w } from "../words";
import { useDesk } from "./context";
import * as m from "./model";

interface Drawn {
  html: string;
  page: string; // key of the page shown; "" is the page of answers
  pages: { key: string; title: string; shown: boolean }[];
  answers: Record<string, unknown>;
  errors: number;
}

const quietMS = 400;

/** Preview shows one page of the form and takes trial answers. */
export function Preview() {
  const desk = useDesk();
  const { store } = desk;
  const box = useRef<HTMLFormElement>(null);
  const answers = useRef<Record<string, unknown>>({});
  const asked = useRef(0);
  const [drawn, draw] = useState<Drawn>();
  const [failed, fail] = useState(false);
  const follow = store.doc.sections[m.placeOf(desk.selected).s ?? 0]?.key ?? "";
  const page = useRef(follow);

  const fetchPage = async (go: string, extra?: [string, string]) => {
    const posted: Record<string, string[]> = {};
    if (box.current) for (const [name, value] of new FormData(box.current)) (posted[name] ??= []).push(String(value));
    if (extra) (posted[extra[0]] ??= []).push(extra[1]);
    const turn = ++asked.current;
    const next = await ask<Drawn>(desk.start.url + "/preview", { definition: store.doc, answers: answers.current, page: page.current, posted, go });
    if (turn !== asked.current) return;
    fail(!next);
    if (!next) return;
    answers.current = next.answers;
    page.current = next.page;
    draw(next);
    if (go === "show") return;
    say(next.errors ? w("try_errors", { n: next.errors }) : next.page ? w("try_page", { name: next.pages.find((p) => p.key === next.page)?.title ?? "" }) : w("try_check"));
    requestAnimationFrame(() => (box.current?.querySelector<HTMLElement>(".error-summary") ?? box.current?.querySelector<HTMLElement>("[data-top]"))?.focus());
  };

  useEffect(() => {
    page.current = follow;
    const timer = window.setTimeout(() => void fetchPage("show"), drawn ? quietMS : 0);
    return () => clearTimeout(timer);
  }, [store.doc, follow]);

  useEffect(() => {
    if (box.current && drawn) {
      const content = box.current.querySelector<HTMLElement>("[data-drawn]")!;
      content.innerHTML = drawn.html;
      conditions(content);
    }
  }, [drawn]);

  const reset = () => {
    answers.current = {};
    page.current = store.doc.sections[0]?.key ?? "";
    if (box.current) box.current.querySelector("[data-drawn]")!.innerHTML = "";
    void fetchPage("show");
    say(w("try_reset_done"));
  };
  const here = drawn?.pages.findIndex((p) => p.key === drawn.page) ?? 0;
  return (
    <div class="d-preview">
      <p class="hint">{w("preview_lead")}</p>
      {failed && <p class="notice warn">{w("preview_failed")}</p>}
      <form
        ref={box}
        class="d-phone"
        data-state={drawn ? "ready" : "loading"}
        noValidate
        aria-label={w("preview")}
        onSubmit={(e) => {
          e.preventDefault();
          const by = e.submitter as HTMLButtonElement | null;
          if (by?.name) void fetchPage("show", [by.name, by.value]);
          else void fetchPage("next");
        }}
      >
        <p class="eyebrow" data-top tabIndex={-1}>
          {drawn?.page ? w("try_at", { n: here + 1, of: drawn.pages.length }) : w("try_end")}
        </p>
        <div data-drawn />
        <div class="actions">
          {(here > 0 || (drawn && !drawn.page)) && (
            <button type="button" class="btn" onClick={() => void fetchPage("back")}>
              {w("try_back")}
            </button>
          )}
          {drawn?.page !== "" && (
            <button type="submit" class="btn primary">
              {w("try_next")}
            </button>
          )}
        </div>
      </form>
      <div class="actions">
        <button type="button" class="btn small" onClick={reset}>
          {w("try_reset")}
        </button>
      </div>
    </div>
  );
}

