// A dialog over the page. The browser keeps the focus inside and gives it back afterwards.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { w } from "./words";

interface Props {
  title: string;
  wide?: boolean;
  children: ComponentChildren;
  actions?: ComponentChildren; // buttons before 取消
  close?: string; // words of the button that leaves; false words: no such button
  onClose?: () => void; // missing: the dialog has to be answered
}

/** Dialog shows its children until the parent takes it away. */
export function Dialog(p: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const d = box.current!;
    d.showModal();
    return () => d.close();
  }, []);
  return (
    <dialog
      ref={box}
      class={p.wide ? "d-dialog d-wide" : "d-dialog"}
      aria-labelledby={id}
      onCancel={(e) => {
        e.preventDefault();
        p.onClose?.();
      }}
    >
      <h2 id={id}>{p.title}</h2>
      {p.children}
      <div class="actions">
        {p.actions}
        {p.onClose && (
          <button type="button" class="btn" onClick={p.onClose}>
            {p.close ?? w("cancel")}
          </button>
        )}
      </div>
    </dialog>
  );
}
