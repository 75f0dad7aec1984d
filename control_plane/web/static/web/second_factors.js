/** The account page: what is asked besides the password is set up, renamed and removed. */

import { Problem, post, send } from "./api.js";
import { arePasskeysKnown, makePasskey, signAt } from "./passkeys.js";
import { Cancelled, ask, openDialog } from "./dialogs.js";

const ROOT = "/api/v1/browser";
const APP = `${ROOT}/account/authenticators/totp`;
const PASSKEYS = `${ROOT}/account/authenticators/webauthn`;
const CODES = `${ROOT}/account/authenticators/recovery-codes`;

const DEEDS = {
  "add-app": addApp,
  "remove-app": () => proven(() => send("DELETE", APP)),
  "add-passkey": addPasskey,
  "rename-passkey": renamePasskey,
  "remove-passkey": ({ id }) =>
    proven(() => send("DELETE", PASSKEYS, { authenticators: [Number(id)] })),
  "renew-codes": async () => showCodes((await proven(() => post(CODES))).data),
};

for (const button of document.querySelectorAll("[data-do]")) {
  button.hidden = button.dataset.do === "add-passkey" && !arePasskeysKnown();
  button.addEventListener("click", () => act(button));
}

async function act(button) {
  const refusal = document.querySelector("[data-refusal]");
  refusal.hidden = true;
  button.disabled = true;
  try {
    await DEEDS[button.dataset.do](button.dataset);
    location.reload();
  } catch (error) {
    button.disabled = false;
    if (error instanceof Cancelled) return;
    if (!(error instanceof Problem)) throw error;
    refusal.textContent = error.message;
    refusal.hidden = false;
  }
}

async function addApp() {
  const { secret, totp_svg: svg } = await proven(readNewApp);
  const dialog = openDialog("app");
  dialog.querySelector("[data-qr]").src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  dialog.querySelector("[data-key]").textContent = secret.match(/.{1,4}/g).join(" ");
  await ask(dialog, (fields) => proven(() => post(APP, fields)));
  await showFirstCodes();
}

/** The API answers 404 while there is no app, with what a new one has to know. */
async function readNewApp() {
  const problem = await send("GET", APP).catch((error) => error);
  if (!problem.body?.meta?.secret) throw problem;
  return problem.body.meta;
}

async function addPasskey() {
  const { data } = await proven(() => send("GET", `${PASSKEYS}?passwordless`));
  await ask(openDialog("name"), async ({ name }) => {
    const credential = await makePasskey(data.creation_options);
    await post(PASSKEYS, { name, credential });
  });
  await showFirstCodes();
}

async function renamePasskey({ id, name: present }) {
  const dialog = openDialog("name");
  dialog.querySelector("[name=name]").value = present;
  await ask(dialog, ({ name }) => proven(() => send("PUT", PASSKEYS, { id: Number(id), name })));
}

/** Recovery codes come with the first app or passkey, and are shown once. */
async function showFirstCodes() {
  const { data } = await proven(() => send("GET", CODES));
  if (data.unused_codes) await showCodes(data);
}

async function showCodes({ unused_codes: codes }) {
  const dialog = openDialog("codes");
  const items = codes.map((code) => Object.assign(document.createElement("li"), { textContent: code }));
  dialog.querySelector("[data-codes]").replaceChildren(...items);
  const text = encodeURIComponent(`${codes.join("\n")}\n`);
  dialog.querySelector("[data-download]").href = `data:text/plain,${text}`;
  await new Promise((resolve) => dialog.addEventListener("close", resolve, { once: true }));
}

/** Do something; where the API wants to know again who asks, ask that, and do it then. */
async function proven(work) {
  try {
    return await work();
  } catch (error) {
    const flows = error.code === "reauthentication_required" && error.body.data?.flows;
    if (!flows) throw error;
    await prove(flows);
    return work();
  }
}

async function prove(flows) {
  const ways = new Set(flows.map((flow) => flow.id));
  const types = flows.find((flow) => flow.types)?.types ?? [];
  if (ways.has("reauthenticate")) {
    await ask(openDialog("prove-password"), (fields) => post(`${ROOT}/auth/reauthenticate`, fields));
  } else if (types.includes("totp")) {
    await ask(openDialog("prove-code"), (fields) => post(`${ROOT}/auth/2fa/reauthenticate`, fields));
  } else {
    await signAt(`${ROOT}/auth/webauthn/reauthenticate`);
  }
}
