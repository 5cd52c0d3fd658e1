// Wakes the islands. Everything on the page works without this file; it only makes it quicker and safer.
import { autosave, unsaved } from "./autosave";
import { conditions } from "./conditions";
import { confirms, dialogs } from "./dialogs";
import { passkeys } from "./passkey";
import { prefs } from "./prefs";
import { readers } from "./reader";
import { session } from "./session";
import { readAloud, remaskPage, small } from "./small";
import { live } from "./live";
import { suggest } from "./suggest";
import { onSwap } from "./swap";
import { uploads } from "./upload";
import { all } from "./texts";

function wake(root: ParentNode): void {
  for (const form of all<HTMLFormElement>(root, "form[data-autosave]")) autosave(form);
  for (const form of all<HTMLFormElement>(root, "form[data-live]")) live(form);
  conditions(root);
  uploads(root);
  dialogs(root);
  small(root);
  suggest(root);
  passkeys(root);
  readers(root);
  // An answer carried to another site by form (OpenID Connect form_post) needs nobody to press its button.
  for (const form of all<HTMLFormElement>(root, "form[data-autosend]")) form.submit();
}

/** able says whether this browser has what the islands need; without it the plain pages do the same. */
const able = "requestSubmit" in HTMLFormElement.prototype && "HTMLDialogElement" in window;

function main(): void {
  onSwap(wake);
  confirms();
  prefs();
  wake(document);
  session(wake);
  remaskPage();
  readAloud();
  document.addEventListener("htmx:load", (e) => {
    if (e.target !== document.body) wake(e.target as HTMLElement);
  });
  window.addEventListener("beforeunload", (e) => {
    if (unsaved()) e.preventDefault();
  });
  document.documentElement.dataset.ready = "1";
}

if (able) main();
