// Passkeys: the one thing of the pages that needs a script, because browsers offer WebAuthn to scripts only. A form[data-passkey] says what it does
// (register, sign-in, sign) and where its ceremony begins and ends:
//   POST data-begin  {fields}               → {id, options, words}
//   POST data-finish {id, response, fields} → {next}, where the browser goes
// Either may answer a problem document, whose detail is shown, or a {next}.
import { all, say, text } from "./texts";

interface Answer {
  id?: string;
  options?: PublicKeyCredentialCreationOptions & PublicKeyCredentialRequestOptions;
  words?: Record<string, string>;
  next?: string;
  detail?: string;
}

export function passkeys(root: ParentNode): void {
  for (const form of all<HTMLFormElement>(root, "form[data-passkey]")) {
    form.addEventListener("submit", (e) => {
      e.preventDefault();
      if (!form.dataset.busy) void ceremony(form);
    });
  }
}

async function ceremony(form: HTMLFormElement): Promise<void> {
  form.dataset.busy = "1";
  let words: Record<string, string> = {};
  try {
    const fields = Object.fromEntries([...new FormData(form)].filter(([, v]) => typeof v === "string"));
    const begun = await post(form.dataset.begin!, { fields });
    if (!begun.id) return done(form, begun);
    words = begun.words ?? {};
    if (!window.PublicKeyCredential) return tell(form, words.unsupported);
    tell(form, words.wait, false);
    const options = decoded(begun.options!);
    const given =
      form.dataset.passkey === "register" ? await navigator.credentials.create({ publicKey: options }) : await navigator.credentials.get({ publicKey: options });
    if (!given) return tell(form, words.cancelled);
    done(form, await post(form.dataset.finish!, { id: begun.id, response: encoded(given as PublicKeyCredential), fields }));
  } catch (e) {
    const name = e instanceof DOMException ? e.name : "";
    if (name === "InvalidStateError") tell(form, words.known);
    else tell(form, name ? words.cancelled : text("offline"));
  } finally {
    delete form.dataset.busy;
  }
}

/** post sends JSON; an answer that leads elsewhere (the session ended) loads the page anew, which explains it. */
async function post(url: string, body: unknown): Promise<Answer> {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", Accept: "application/json" },
    body: JSON.stringify(body),
    redirect: "manual",
  });
  if (answer.type === "opaqueredirect" || !/json/.test(answer.headers.get("Content-Type") ?? "")) return { next: location.href };
  return (await answer.json()) as Answer;
}

function done(form: HTMLFormElement, answer: Answer): void {
  if (answer.next === location.href) location.reload();
  else if (answer.next) location.assign(answer.next);
  else tell(form, answer.detail);
}

/** tell shows a message in the form's place for it; screen readers hear it. */
function tell(form: HTMLFormElement, message = "", alarming = true): void {
  const place = form.querySelector<HTMLElement>("[data-passkey-state]");
  if (place) place.textContent = message;
  else say(message, alarming);
}

function bytes(s: string): ArrayBuffer {
  const raw = atob(s.replace(/-/g, "+").replace(/_/g, "/"));
  return Uint8Array.from(raw, (c) => c.charCodeAt(0)).buffer;
}

function base64url(b: ArrayBuffer): string {
  let raw = "";
  for (const c of new Uint8Array(b)) raw += String.fromCharCode(c);
  return btoa(raw).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

/** decoded turns the base64url of the options into bytes; older browsers have no parse…FromJSON. */
function decoded(options: NonNullable<Answer["options"]>): NonNullable<Answer["options"]> {
  const ids = (list?: PublicKeyCredentialDescriptor[]) => list?.map((c) => ({ ...c, id: bytes(c.id as unknown as string) }));
  const out = { ...options, challenge: bytes(options.challenge as unknown as string) };
  if (options.user) out.user = { ...options.user, id: bytes(options.user.id as unknown as string) };
  if (options.excludeCredentials) out.excludeCredentials = ids(options.excludeCredentials);
  if (options.allowCredentials) out.allowCredentials = ids(options.allowCredentials);
  return out;
}

/** encoded writes a credential as JSON (WebAuthn Level 3, RegistrationResponseJSON and AuthenticationResponseJSON). */
function encoded(given: PublicKeyCredential): unknown {
  const r = given.response as Partial<AuthenticatorAttestationResponse & AuthenticatorAssertionResponse>;
  const response: Record<string, unknown> = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"] as const) {
    const value = r[name];
    if (value instanceof ArrayBuffer) response[name] = base64url(value);
  }
  if (r.getTransports) response.transports = r.getTransports();
  return { id: given.id, rawId: base64url(given.rawId), type: given.type, authenticatorAttachment: given.authenticatorAttachment, clientExtensionResults: {}, response };
}
