/** The account page: what is asked besides the password is set up, renamed and removed. */

import { post, send } from "./api.js";
import { enable } from "./deeds.js";
import { ask, openDialog } from "./dialogs.js";
import { arePasskeysKnown, makePasskey } from "./passkeys.js";
import { proven } from "./proving.js";

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

for (const button of document.querySelectorAll("[data-do=add-passkey]")) {
  button.hidden = !arePasskeysKnown();
}
enable(DEEDS);

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
