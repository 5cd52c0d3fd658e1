// The designers of papers and of licences.
import { useMemo, useState } from "preact/hooks";
import { Act, Check, Num, Select, Text } from "../inputs";
import { compare, type Choices, type Piece } from "../merge";
import type { Start } from "../shared";
import { Store, useStore } from "../store";
import { ClashDialog, DifferenceDialog } from "../versions";
import { w } from "../words";
import { Desk } from "./desk";
import { Facts } from "./facts";
import { common, layoutPieces, mergedLayout } from "./merge";
import { codec, mendLicence, mendPaper, type Codec, type Licence, type LicenceStart, type Name, type Paper, type PaperStart } from "./model";
import { ValueText } from "./text";

/** paperDesigner and licenceDesigner make the designer of a page. */
export const paperDesigner = (start: Start<unknown>) => <PaperDesigner start={start as PaperStart} />;
export const licenceDesigner = (start: Start<unknown>) => <LicenceDesigner start={start as LicenceStart} />;

const numberNames = (keys: string[]): Name[] => keys.map((value) => ({ value, label: w("paper_number_" + value) }));

function PaperDesigner({ start }: { start: PaperStart }) {
  const store = useStore(useMemo(() => new Store<Paper>(start, mendPaper), [start]));
  const [looking, look] = useState(false);
  const d = store.doc;
  const names = useMemo(() => {
    const known = start.acts.find((a) => a.value === d.act)?.names ?? [];
    return start.values.filter((v) => known.includes(v.value));
  }, [d.act]);
  const texts = useMemo(() => codec(start.values, "{{", "}}", names), [names]);
  const numbers = useMemo(() => codec(numberNames(["mark", "year", "n"]), "{", "}"), []);
  const problem = (at: string) => store.problems.find((p) => p.path === at || p.path.startsWith(at + "/"))?.text;
  const set = (more: Partial<Paper>, tag = "") => store.change({ ...d, ...more }, tag);
  const title = (s: string) => set({ title: s, layout: { ...d.layout, title: d.layout.title === d.title ? s : d.layout.title } }, "title");
  const pieces = (x: Paper, count: number): Piece[] => [
    { key: "act", label: w("paper_act"), lines: [start.acts.find((a) => a.value === x.act)?.label ?? x.act, ...x.item_types.map((v) => start.types.find((o) => o.value === v)?.label ?? v)], value: [x.act, x.item_types] },
    { key: "title", label: w("paper_title"), lines: [x.title], value: x.title },
    { key: "number", label: w("paper_number"), lines: [numbers.show(x.number)], value: x.number },
    ...layoutPieces(x.layout, texts, count),
  ];
  const merged = (theirs: Paper, c: Choices): Paper => {
    const side = (key: string) => (c[key] === "theirs" ? theirs : d);
    return { ...d, act: side("act").act, item_types: side("act").item_types, title: side("title").title, number: side("number").number, layout: mergedLayout(d.layout, theirs.layout, c) };
  };
  const published = start.published && mendPaper(start.published);
  return (
    <>
      <Desk
        store={store}
        url={start.url}
        codec={texts}
        names={names}
        purpose={start.purpose}
        placeOf={(path) => w("paper_place_" + (path.split("/")[1] || "whole"))}
        bar={published && <Act label={w("diff")} name="difference" on={() => look(true)} />}
        facts={(number) => (
          <section class="d-pane" aria-label={w("paper_facts")}>
            <h2>{w("paper_facts")}</h2>
            <Text label={w("paper_title")} value={d.title} problem={problem("/title")} name="/title" onChange={title} />
            <Select label={w("paper_act")} hint={w("paper_act_hint")} name="/act" value={d.act} problem={problem("/act")} options={start.acts} onChange={(act) => set({ act })} />
            <ValueText label={w("paper_number")} hint={w("paper_number_hint", { number })} value={d.number} problem={problem("/number")} name="/number" codec={numbers} onChange={(number) => set({ number }, "number")} />
            <details class="more" open={!!problem("/item_types")}>
              <summary data-name="/item_types">{w("paper_types")}</summary>
              <div class="more-body">
                <p class="hint">{w("paper_types_hint")}</p>
                {problem("/item_types") && <p class="field-error">{problem("/item_types")}</p>}
                {start.types.map((o) => (
                  <Check label={o.label} value={d.item_types.includes(o.value)} onChange={(on) => set({ item_types: on ? [...d.item_types, o.value].sort() : d.item_types.filter((v) => v !== o.value) })} />
                ))}
              </div>
            </details>
          </section>
        )}
      />
      {looking && published && <DifferenceDialog rows={compare([], pieces(d, common(d, published)), pieces(published, common(d, published)))} onClose={() => look(false)} />}
      {store.clash && (
        <Clash store={store} pieces={pieces} count={common(store.clash.base, d, store.clash.theirs)} onSettle={(c) => store.settle(merged(store.clash!.theirs, c))} />
      )}
    </>
  );
}

interface ClashProps<T> {
  store: Store<T>;
  pieces: (d: T, count: number) => Piece[];
  count: number;
  onSettle: (c: Choices) => void;
}

function Clash<T>({ store, pieces, count, onSettle }: ClashProps<T>) {
  const { base, theirs, by } = store.clash!;
  return <ClashDialog rows={compare(pieces(base, count), pieces(store.doc, count), pieces(theirs, count))} by={by} onSettle={onSettle} />;
}

/** serials are the widths a serial may have; those offered stand first in the list of a number's parts. */
const serials = Array.from({ length: 18 }, (_, i) => i + 1);

function numberCodec(d: Licence): Codec {
  const fixed = numberNames(["region", "year", "check"]);
  const serial = (n: number) => ({ value: `seq:${n}`, label: w("paper_number_seq", { n }) });
  const fields = d.fields.map((f) => ({ value: f.key, label: f.label }));
  return codec([...fixed, ...serials.map(serial), ...fields], "{", "}", [...fixed, ...[4, 5, 6, 7, 8, 10].map(serial), ...fields]);
}

function LicenceDesigner({ start }: { start: LicenceStart }) {
  const store = useStore(useMemo(() => new Store<Licence>(start, mendLicence), [start]));
  const [looking, look] = useState(false);
  const d = store.doc;
  const names = useMemo(() => [...d.fields.map((f) => ({ value: f.key, label: f.label })), ...start.values.filter((v) => !d.fields.some((f) => f.key === v.value))], [d.fields]);
  const texts = useMemo(() => codec(names, "{{", "}}"), [names]);
  const numbers = useMemo(() => numberCodec(d), [d.fields]);
  const problem = (at: string) => store.problems.find((p) => p.path === at || p.path.startsWith(at + "/"))?.text;
  const set = (more: Partial<Licence>, tag = "") => store.change({ ...d, ...more }, tag);
  const name = (s: string) => set({ name: s, layout: { ...d.layout, title: d.layout.title === d.name ? s : d.layout.title } }, "name");
  const term = (key: "years" | "months" | "days", n: number | undefined) => set({ validity: { ...d.validity, [key]: n || undefined } }, key);
  const lasts = (v: Licence["validity"]) => {
    const parts = (["years", "months", "days"] as const).filter((k) => v[k]).map((k) => w("paper_lasts_" + k, { n: v[k]! }));
    return parts.length ? w("paper_lasts", { text: parts.join("") }) : w("paper_lasts_ever");
  };
  const from = (f: string) => start.sources.find((s) => s.value === f)?.label ?? (f.startsWith("const:") ? `“${f.slice(6)}”` : f);
  const pieces = (x: Licence, count: number): Piece[] => [
    { key: "name", label: w("licence_name"), lines: [x.name, x.code, x.definer], value: [x.name, x.code, x.definer] },
    { key: "kind", label: w("licence_kind"), lines: [w("licence_holder_" + x.holder), w("licence_trust_" + x.trust), lasts(x.validity), ...(x.exclusive ? [w("licence_exclusive")] : []), ...(x.issued_here ? [w("licence_issued_here")] : [])], value: [x.holder, x.trust, x.validity, x.exclusive, x.issued_here] },
    { key: "number", label: w("licence_number"), lines: [numbers.show(x.number)], value: x.number },
    { key: "fields", label: w("licence_fields"), lines: x.fields.map((f) => `${f.label} ← ${from(f.from)}`), value: x.fields },
    ...layoutPieces(x.layout, texts, count),
  ];
  const merged = (theirs: Licence, c: Choices): Licence => {
    const side = (key: string) => (c[key] === "theirs" ? theirs : d);
    const [n, k] = [side("name"), side("kind")];
    return { ...d, name: n.name, code: n.code, definer: n.definer, holder: k.holder, trust: k.trust, validity: k.validity, exclusive: k.exclusive, issued_here: k.issued_here, number: side("number").number, fields: side("fields").fields, layout: mergedLayout(d.layout, theirs.layout, c) };
  };
  const published = start.published && mendLicence(start.published);
  return (
    <>
      <Desk
        store={store}
        url={start.url}
        codec={texts}
        names={names}
        purpose={start.purpose}
        laid={d.issued_here}
        placeOf={(path) => {
          const m = /^\/fields\/(\d+)/.exec(path);
          return (m && d.fields[Number(m[1])]?.label) || w("paper_place_" + (path.split("/")[1] || "whole"));
        }}
        bar={published && <Act label={w("diff")} name="difference" on={() => look(true)} />}
        facts={(number) => (
          <section class="d-pane" aria-label={w("licence_facts")}>
            <h2>{w("licence_facts")}</h2>
            <Text label={w("licence_name")} value={d.name} problem={problem("/name")} name="/name" onChange={name} />
            <Select label={w("licence_holder")} name="/holder" value={d.holder} problem={problem("/holder")} options={["person", "firm"].map((v) => ({ value: v, label: w("licence_holder_" + v) }))} onChange={(holder) => set({ holder })} />
            <fieldset class="field">
              <legend class="label">{w("licence_validity")}</legend>
              {problem("/validity") && <p class="field-error">{problem("/validity")}</p>}
              <div class="d-two">
                <Num label={w("licence_years")} name="/validity" value={d.validity.years} onChange={(n) => term("years", n)} />
                <Num label={w("licence_months")} value={d.validity.months} onChange={(n) => term("months", n)} />
                <Num label={w("licence_days")} value={d.validity.days} onChange={(n) => term("days", n)} />
              </div>
              <p class="hint">{lasts(d.validity)}</p>
            </fieldset>
            <ValueText label={w("licence_number")} hint={w("licence_number_hint", { number })} value={d.number} problem={problem("/number")} name="/number" codec={numbers} onChange={(n) => set({ number: n }, "number")} />
            <Facts d={d} sources={start.sources} problem={problem} onChange={(fields, tag) => set({ fields }, tag)} onRename={(fields, old, key) => store.change(renamed({ ...d, fields }, old, key), "rename" + old)} />
            <details class="more" open={!!(problem("/code") || problem("/definer") || problem("/trust"))}>
              <summary>{w("licence_more")}</summary>
              <div class="more-body">
                <Text label={w("licence_code")} hint={w("licence_code_hint")} value={d.code} problem={problem("/code")} name="/code" onChange={(code) => set({ code: code.trim().toUpperCase() }, "code")} />
                <Text label={w("licence_definer")} hint={w("licence_definer_hint")} value={d.definer} problem={problem("/definer")} name="/definer" onChange={(definer) => set({ definer }, "definer")} />
                <Select label={w("licence_trust")} name="/trust" value={d.trust} problem={problem("/trust")} options={["A", "B", "C", "D"].map((v) => ({ value: v, label: w("licence_trust_" + v) }))} onChange={(trust) => set({ trust })} />
                <Check label={w("licence_exclusive")} hint={w("licence_exclusive_hint")} value={d.exclusive} onChange={(exclusive) => set({ exclusive })} />
                <Check label={w("licence_issued_here")} hint={w("licence_issued_here_hint")} value={d.issued_here} onChange={(issued_here) => set({ issued_here })} />
              </div>
            </details>
          </section>
        )}
      />
      {looking && published && <DifferenceDialog rows={compare([], pieces(d, common(d, published)), pieces(published, common(d, published)))} onClose={() => look(false)} />}
      {store.clash && <Clash store={store} pieces={pieces} count={common(store.clash.base, d, store.clash.theirs)} onSettle={(c) => store.settle(merged(store.clash!.theirs, c))} />}
    </>
  );
}

/** renamed gives a licence in which texts and number follow a field whose key was changed. */
function renamed(d: Licence, old: string, key: string): Licence {
  if (!old || !key) return d;
  const text = (s: string | undefined) => s?.replaceAll(`{{${old}}}`, `{{${key}}}`);
  const blocks = d.layout.blocks.map((b) => {
    const out = { ...b };
    for (const k of ["text", "qr", "purpose"] as const) if (b[k] !== undefined) out[k] = text(b[k]);
    if (b.if === old) out.if = key;
    if (b.rows) out.rows = b.rows.map((r) => r.map((c) => text(c)!));
    return out;
  });
  return { ...d, number: d.number.replaceAll(`{${old}}`, `{${key}}`), layout: { ...d.layout, blocks } };
}
