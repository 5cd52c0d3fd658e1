// A real sample beside the design: the server prints it with the code that prints the real paper, marked 样张, a moment after the last change.
import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../../texts";
import { Act, Select, Text } from "../inputs";
import { ask } from "../request";
import { w } from "../words";
import { used, type Laid, type Note } from "./model";

const quietMS = 600;
const fadeMS = 400; // until a viewer has drawn what it loaded

interface Printed {
  pdf?: string;
  pages: number;
  notes: Note[];
  values: { name: string; label: string; value: string }[];
  number: string;
}

/** Trial is the state of a sample print. */
export interface Trial {
  printed?: Printed;
  failed: boolean;
  set: string;
  typed: Record<string, string>;
  choose: (set: string) => void;
  type: (name: string, value: string) => void;
  clear: () => void;
}

/** useTrial prints a definition whenever it or the sample values change. */
export function useTrial(doc: Laid, url: string): Trial {
  const [printed, put] = useState<Printed>();
  const [failed, fail] = useState(false);
  const [set, choose] = useState("usual");
  const [typed, type] = useState<Record<string, string>>({});
  const asked = useRef(0);
  const notes = useRef(-1);
  useEffect(() => {
    const timer = window.setTimeout(
      async () => {
        const turn = ++asked.current;
        const next = await ask<Printed>(url + "/preview", { definition: doc, values: typed, set });
        if (turn !== asked.current) return;
        fail(!next);
        if (!next) return;
        put(next);
        const count = next.notes.filter((n) => n.level !== "note").length;
        if (notes.current >= 0 && count !== notes.current) say(w(count ? "paper_notes_n" : "paper_notes_none", { n: count }));
        notes.current = count;
      },
      printed ? quietMS : 0,
    );
    return () => clearTimeout(timer);
  }, [doc, set, typed]);
  return { printed, failed, set, typed, choose, type: (name, value) => type({ ...typed, [name]: value }), clear: () => type({}) };
}

interface Props {
  doc: Laid;
  trial: Trial;
  notes: Note[]; // what the findings do not say already
  onJump: (path: string) => void;
  placeOf: (path: string) => string;
}

/** Preview shows the sample, its remarks and its values. */
export function Preview({ doc, trial, notes, onJump, placeOf }: Props) {
  const url = useFile(trial.printed?.pdf);
  const here = navigator.pdfViewerEnabled !== false;
  const shown = used(doc.layout);
  const values = trial.printed?.values.filter((v) => shown.has(v.name)) ?? [];
  return (
    <section class="p-preview" aria-label={w("paper_preview")} data-state={trial.printed ? "ready" : "loading"} data-pages={trial.printed?.pages}>
      <h2>{w("paper_preview")}</h2>
      <p class="hint">{w("paper_preview_lead")}</p>
      {trial.failed && <p class="notice warn">{w("preview_failed")}</p>}
      <Select label={w("paper_set")} hint={w("paper_set_hint")} name="set" value={trial.set} options={["usual", "long", "nation", "rare"].map((v) => ({ value: v, label: w("paper_set_" + v) }))} onChange={trial.choose} />
      <details class="more" data-samples>
        <summary>{w("paper_samples")}</summary>
        <div class="more-body">
          {values.map((v) => (
            <Text label={v.label || v.name} name={"sample-" + v.name} value={trial.typed[v.name] ?? v.value} lines={v.value.includes("\n") || v.value.length > 30 ? 3 : undefined} onChange={(s) => trial.type(v.name, s)} />
          ))}
          <Act label={w("paper_samples_clear")} off={Object.keys(trial.typed).length === 0} on={trial.clear} />
        </div>
      </details>
      {notes.length > 0 && (
        <ul class="p-notes plain-list" data-notes>
          {notes.map((n) => (
            <li class={n.level} data-level={n.level}>
              <button type="button" class="linklike" onClick={() => onJump(n.path)}>
                {placeOf(n.path)}
              </button>{" "}
              {n.text}
            </li>
          ))}
        </ul>
      )}
      {url && here && <Frames url={url} wide={doc.layout.paper === "A4L"} />}
      {url && !here && <p class="notice">{w("paper_no_viewer")}</p>}
      {url && (
        <div class="actions">
          <a class="btn small" href={url} target="_blank" rel="noopener">
            {w("paper_open")}
          </a>
          <a class="btn small" href={url} download={w("paper_file")}>
            {w("paper_download")}
          </a>
          <span class="hint">{w("paper_pages", { n: trial.printed?.pages ?? 0 })}</span>
        </div>
      )}
    </section>
  );
}

/** useFile keeps an address for the file in the browser; the one before goes a while later, when nothing shows it any more. */
function useFile(base64: string | undefined): string | undefined {
  const [url, put] = useState<string>();
  useEffect(() => {
    if (!base64) return put(undefined);
    const made = URL.createObjectURL(new Blob([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], { type: "application/pdf" }));
    put(made);
    return () => window.setTimeout(() => URL.revokeObjectURL(made), 60_000);
  }, [base64]);
  return url;
}

/** Frames shows the file; the one before stays until the new one is drawn, so that nothing flickers while somebody types. */
function Frames({ url, wide }: { url: string; wide: boolean }) {
  const [urls, put] = useState([url]);
  useEffect(() => {
    if (!urls.includes(url)) put((have) => [...have.slice(-1), url]);
  }, [url]);
  const loaded = (u: string) => window.setTimeout(() => put((have) => (have[have.length - 1] === u ? [u] : have)), fadeMS);
  return (
    <div class={wide ? "p-frames wide" : "p-frames"} data-frames={urls.length}>
      {urls.map((u) => (
        <iframe key={u} src={u + "#toolbar=0&navpanes=0&view=FitH"} title={w("paper_preview")} class={u === urls[0] ? "on" : ""} onLoad={() => loaded(u)} />
      ))}
    </div>
  );
}
