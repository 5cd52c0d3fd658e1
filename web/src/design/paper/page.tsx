// The sheet as it is laid out, drawn to scale. It is for the eye and the mouse: a click chooses a block, dragging moves one that has a place. The list
// beside it does the same for the keyboard and for screen readers, so the sheet is hidden from them.
import { useEffect, useRef, useState } from "preact/hooks";
import { extent, margins, placed, ptMM, sheetOf, shifted, sizeOf, type Block, type Codec, type Layout } from "./model";

interface Props {
  layout: Layout;
  codec: Codec;
  selected: number;
  bad: Set<number>;
  closed: boolean;
  onSelect: (i: number, done: boolean) => void; // done: it was a click, or its end; before that nothing may scroll under the pointer
  onMove: (i: number, b: Block, done: boolean) => void;
}

interface Drag {
  i: number;
  from: Block;
  x: number;
  y: number;
  moved: boolean;
}

/** Sheet draws a layout. */
export function Sheet(p: Props) {
  const box = useRef<HTMLDivElement>(null);
  const drag = useRef<Drag | undefined>(undefined);
  const [scale, setScale] = useState(2); // pixels to the millimetre
  const [w, h] = sheetOf(p.layout);
  useEffect(() => {
    const see = new ResizeObserver(() => box.current && setScale(box.current.clientWidth / w));
    see.observe(box.current!);
    return () => see.disconnect();
  }, [w]);

  const down = (e: PointerEvent, i: number) => {
    e.stopPropagation();
    const b = p.layout.blocks[i];
    const still = p.closed || !placed(b) || e.button !== 0;
    p.onSelect(i, still);
    if (still) return;
    e.preventDefault();
    (e.currentTarget as HTMLElement).setPointerCapture(e.pointerId);
    drag.current = { i, from: b, x: e.clientX, y: e.clientY, moved: false };
  };
  const over = (e: PointerEvent) => {
    const d = drag.current;
    if (!d) return;
    const [dx, dy] = [Math.round((e.clientX - d.x) / scale), Math.round((e.clientY - d.y) / scale)];
    if (!d.moved && !dx && !dy) return;
    d.moved = true;
    p.onMove(d.i, shifted(d.from, dx, dy, p.layout), false);
  };
  const up = () => {
    const d = drag.current;
    drag.current = undefined;
    if (d?.moved) p.onMove(d.i, p.layout.blocks[d.i], true);
    else if (d) p.onSelect(d.i, true);
  };
  const px = (mm: number) => `${mm * scale}px`;
  const mark = (i: number) => ({
    "data-block": i,
    class: ["p-block", "p-" + p.layout.blocks[i].kind, i === p.selected && "on", p.bad.has(i) && "bad"].filter(Boolean).join(" "),
    onPointerDown: (e: PointerEvent) => down(e, i),
    onPointerMove: over,
    onPointerUp: up,
    onPointerCancel: up,
  });
  const type = (b: Block) => ({
    fontSize: px(ptMM(sizeOf(b))),
    textAlign: b.align as "left" | undefined,
    fontWeight: b.bold || b.kind === "title" ? "700" : undefined,
    color: b.color,
  });
  return (
    <div class="p-sheet" ref={box} aria-hidden="true" style={{ height: px(h) }} data-sheet>
      <div class="p-flow" style={{ padding: `${px(margins[1])} ${px(margins[0])} 0` }}>
        {p.layout.blocks.map((b, i) => !placed(b) && <div {...mark(i)} style={{ ...type(b), minHeight: b.kind === "spacer" ? px(b.h ?? 0) : undefined }}>{flowing(b, p.codec)}</div>)}
      </div>
      {p.layout.blocks.map((b, i) => {
        if (!placed(b)) return null;
        const e = extent(b, p.layout);
        return (
          <div {...mark(i)} style={{ ...type(b), position: "absolute", left: px(e.x), top: px(e.y), width: px(e.w), height: px(e.h), borderColor: b.kind === "frame" ? b.color : undefined, background: b.kind === "rule" ? (b.color ?? "#000") : undefined }}>
            {b.kind === "image" && b.image ? <img src={`data:image/${b.image.startsWith("/9j/") ? "jpeg" : "png"};base64,${b.image}`} alt="" /> : b.kind === "field" || b.kind === "seal" || b.kind === "qr" ? p.codec.show(b.text ?? "") : null}
          </div>
        );
      })}
    </div>
  );
}

/** flowing shows what follows down the page, roughly as it is printed. */
function flowing(b: Block, codec: Codec) {
  switch (b.kind) {
    case "list":
      return codec.show(b.text ?? "").split("\n").map((s, i) => <p>{`${i + 1}. ${s}`}</p>);
    case "kv":
    case "table":
      return (b.rows ?? []).map((row) => (
        <div class="p-row">
          {row.map((c) => (
            <span>{codec.show(c) || "\u00a0"}</span>
          ))}
        </div>
      ));
    case "rule":
      return <hr />;
    case "spacer":
      return null;
  }
  return (codec.show(b.text ?? "") || (b.qr ? "QR" : "\u00a0")).split("\n").map((s) => <p>{s || "\u00a0"}</p>);
}
