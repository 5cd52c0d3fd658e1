// Two versions side by side: to choose between when two people worked on one definition, or only to look at.
import { useState } from "preact/hooks";
import { Dialog } from "./dialog";
import { chosen, type Choices, type Row, type Side } from "./merge";
import { w } from "./words";

interface ClashProps {
  rows: Row[];
  by: string; // who saved meanwhile
  onSettle: (choices: Choices) => void;
}

/** ClashDialog lets a person put both versions together, piece by piece. It has to be answered. */
export function ClashDialog({ rows, by, onSettle }: ClashProps) {
  const [choices, choose] = useState(() => chosen(rows));
  const all = (side: Side) => choose(Object.fromEntries(rows.map((r) => [r.key, side])));
  return (
    <Dialog
      title={w("clash_title")}
      wide
      actions={
        <button type="button" class="btn primary" onClick={() => onSettle(choices)}>
          {w("clash_save")}
        </button>
      }
    >
      <p>{by ? w("clash_lead_by", { name: by }) : w("clash_lead")}</p>
      {rows.length === 0 && <p>{w("clash_same")}</p>}
      {rows.length > 1 && (
        <div class="actions">
          <button type="button" class="btn small" onClick={() => all("mine")}>
            {w("clash_all_mine")}
          </button>
          <button type="button" class="btn small" onClick={() => all("theirs")}>
            {w("clash_all_theirs")}
          </button>
        </div>
      )}
      {rows.map((r) => (
        <fieldset class="d-versions">
          <legend>
            {r.label} <span class={r.by === "both" ? "tag warn" : "tag"}>{w("clash_by_" + r.by)}</span>
          </legend>
          {(["mine", "theirs"] as const).map((side) => (
            <label class="choice">
              <input type="radio" name={"v-" + r.key} checked={choices[r.key] === side} onChange={() => choose({ ...choices, [r.key]: side })} />
              <span class="choice-text">
                <strong>{w("clash_" + side)}</strong>
                <Lines lines={r[side]} other={r[side === "mine" ? "theirs" : "mine"]} />
              </span>
            </label>
          ))}
        </fieldset>
      ))}
    </Dialog>
  );
}

function Lines({ lines, other }: { lines?: string[]; other?: string[] }) {
  if (!lines) return <span class="hint">{w("clash_none")}</span>;
  return (
    <span class="d-lines">
      {lines.map((l) => (
        <span>{other && !other.includes(l) ? <mark>{l}</mark> : l}</span>
      ))}
    </span>
  );
}

interface LookProps {
  rows: Row[]; // mine: the draft; theirs: what is published
  onClose: () => void;
}

/** DifferenceDialog shows what the draft changes. */
export function DifferenceDialog({ rows, onClose }: LookProps) {
  return (
    <Dialog title={w("diff_title")} wide onClose={onClose} close={w("close")}>
      {rows.length === 0 ? (
        <p>{w("diff_none")}</p>
      ) : (
        <div class="table-box" tabIndex={0}>
          <table>
            <caption class="vh">{w("diff_title")}</caption>
            <thead>
              <tr>
                <th scope="col">{w("diff_what")}</th>
                <th scope="col">{w("diff_published")}</th>
                <th scope="col">{w("diff_draft")}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((r) => (
                <tr>
                  <th scope="row">{r.label}</th>
                  <td>
                    <Lines lines={r.theirs} other={r.mine ?? []} />
                  </td>
                  <td>
                    <Lines lines={r.mine} other={r.theirs ?? []} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Dialog>
  );
}
