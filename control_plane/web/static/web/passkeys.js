/** Passkeys: what the browser makes and signs, as JSON both ways, and logging in with one. */

import { Problem, post, send } from "./api.js";
import { clearFaults, showFaults } from "./forms.js";

const REASONS = {
  InvalidStateError: "This device holds a passkey of this account already.",
  NotAllowedError: "No passkey was used. Try again.",
  SecurityError: "Passkeys do not work at this address: it has to be a name, with https.",
};

export const arePasskeysKnown = () =>
  typeof globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON === "function";

/** Have a new passkey made; reject with a `Problem` that says why there is none. */
export function makePasskey({ publicKey: asked }) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(asked);
  return explain(navigator.credentials.create({ publicKey }));
}

/** Have something signed at `url` by a passkey, and send it there. */
export async function signAt(url) {
  const { data } = await send("GET", url);
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(data.request_options.publicKey);
  return post(url, { credential: await explain(navigator.credentials.get({ publicKey })) });
}

async function explain(promise) {
  try {
    return (await promise).toJSON();
  } catch (error) {
    if (!(error.name in REASONS)) throw error;
    throw new Problem(0, { detail: REASONS[error.name] });
  }
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  button.hidden = !arePasskeysKnown();
  button.addEventListener("click", () => logIn(button));
}

async function logIn(button) {
  const { form } = button;
  button.disabled = true;
  clearFaults(form);
  try {
    await signAt(button.dataset.passkey);
    location.assign(form.dataset.destination);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showFaults(form, error);
  } finally {
    button.disabled = false;
  }
}
