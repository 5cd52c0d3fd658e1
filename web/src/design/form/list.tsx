// The form as the list of its pages and questions. Everything can be done with buttons; dragging is an extra for the pointer.
import { useState } from "preact/hooks";
import { conditionText } from "../condition";
import { Act } from "../inputs";
import { type Field, type Problem } from "../shared";
import { w } from "../words";
import { add, copy, moveTo, plain, remove, step, useDesk } from "./context";
import * as m from "./model";

/** List shows the whole form. */
export function List() {
  const desk = useDesk();
  const d = desk.store.doc;
  const [drag, setDrag] = useState("");
  const [over, setOver] = useState("");
  const drop = (to: string) => {
    const from = drag;
    setDrag("");
    setOver("");
    if (!from || from === to) return;
    const [a, b] = [m.placeOf(from), m.placeOf(to)];
    const same = a.s === b.s && b.f !== undefined && a.f! < b.f;
    moveTo(desk, from, same ? m.pathOf({ s: b.s, f: b.f! - 1 }) : to);
  };
  const dragging = (path: string) =>
    desk.store.closed
      ? {}
      : {
          onDragOver: (e: DragEvent) => {
            if (!drag) return;
            e.preventDefault();
            e.stopPropagation();
            setOver(path);
          },
          onDrop: (e: DragEvent) => {
            e.preventDefault();
            e.stopPropagation();
            drop(path);
          },
        };
  return (
    <section class="d-pane d-list" aria-labelledby="d-list">
      <div class="bar">
        <h2 id="d-list">{w("list")}</h2>
        <Act label={w("the_form_settings")} name="row" on={() => desk.select("", "title")} />
      </div>
      {d.sections.length === 0 && <p class="empty">{w("list_empty")}</p>}
      {d.sections.map((s, i) => {
        const path = m.pathOf({ s: i });
        const end = m.pathOf({ s: i, f: s.fields.length });
        return (
          <section class={"d-section" + (desk.selected === path ? " on" : "")} aria-label={w("page_named", { n: i + 1, name: s.title })} {...dragging(end)}>
            <div class="d-section-head" data-path={path}>
              <button type="button" class="d-row" aria-pressed={desk.selected === path} onClick={() => desk.select(path)} data-act="row">
                <span class="d-no">{w("page_n", { n: i + 1 })}</span>
                <span class="d-label">{s.title || w("unnamed")}</span>
                {s.when && <When text={conditionText(s.when, m.everything(d))} />}
              </button>
              <Mistakes path={path} own />
              {desk.selected === path && <RowActs path={path} />}
            </div>
            {s.fields.length === 0 && <p class="hint">{w("page_empty")}</p>}
            <ol>
              {s.fields.map((f, j) => {
                const at = m.pathOf({ s: i, f: j });
                return (
                  <li
                    class={"d-question" + (desk.selected.startsWith(at + "/") || desk.selected === at ? " on" : "") + (over === at && drag ? " over" : "")}
                    data-path={at}
                    draggable={!desk.store.closed}
                    onDragStart={(e) => {
                      setDrag(at);
                      e.dataTransfer?.setData("text/plain", f.label);
                      e.stopPropagation();
                    }}
                    onDragEnd={() => (setDrag(""), setOver(""))}
                    {...dragging(at)}
                  >
                    <button type="button" class="d-row" aria-pressed={desk.selected === at} onClick={() => desk.select(at)} data-act="row">
                      <span class="d-no num">{m.numberOf(d, at)}</span>
                      <Summary f={f} />
                      {f.when && <When text={conditionText(f.when, m.everything(d))} />}
                    </button>
                    <Mistakes path={at} />
                    {desk.selected === at && <RowActs path={at} />}
                  </li>
                );
              })}
            </ol>
            {!desk.store.closed && desk.selected === path && (
              <Act label={w("add_here")} on={() => add(desk, (x) => m.made(x, "text", w("kind_text"), (n) => w("choice_n", { n })), "label")} />
            )}
          </section>
        );
      })}
    </section>
  );
}

function Summary({ f }: { f: Field }) {
  return (
    <span class="d-label">
      {f.label || w("unnamed")}
      {!f.required && f.kind !== "notice" && f.kind !== "computed" && f.kind !== "declaration" && <span class="optional">{w("optional")}</span>}
      <span class="tag">{w("kind_" + f.kind)}</span>
      {f.read_only && <span class="tag info">{w("tag_prefilled")}</span>}
    </span>
  );
}

function When({ text }: { text: string }) {
  return <span class="d-cond">{w("shown_when", { text })}</span>;
}

function Mistakes({ path, own }: { path: string; own?: boolean }) {
  const { store } = useDesk();
  const mine = (p: Problem) => (own ? m.ownerOf(p.path) === path : p.path === path || p.path.startsWith(path + "/"));
  const texts = [...new Set(store.problems.filter(mine).map((p) => plain(p.text)))];
  return texts.length ? (
    <ul class="d-mistakes">
      {texts.map((t) => (
        <li class="field-error">{t}</li>
      ))}
    </ul>
  ) : null;
}

/** RowActs are the acts on what is selected. */
function RowActs({ path }: { path: string }) {
  const desk = useDesk();
  if (desk.store.closed) return null;
  const d = desk.store.doc;
  const x = m.at(d, path)!;
  const name = "fields" in x ? x.title : x.label;
  const question = m.placeOf(path).f !== undefined;
  return (
    <div class="actions d-acts">
      <Act label={w("up")} of={name} name="up" off={!m.neighbour(d, path, -1)} on={() => step(desk, path, -1)} />
      <Act label={w("down")} of={name} name="down" off={!m.neighbour(d, path, 1)} on={() => step(desk, path, 1)} />
      {question && <Act label={w("move")} of={name} name="move" on={() => desk.show("move")} />}
      {question && <Act label={w("copy")} of={name} name="copy" on={() => copy(desk, path)} />}
      <Act label={w("delete")} of={name} name="delete" kind="danger" on={() => remove(desk, path)} />
    </div>
  );
}
