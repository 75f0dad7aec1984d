/** Deeds that the API lets only somebody do who has just shown who they are. */

import { post } from "./api.js";
import { ask, openDialog } from "./dialogs.js";
import { signAt } from "./passkeys.js";

const AUTH = "/api/v1/browser/auth";

/** Do something; where the API wants to know again who asks, ask that, and do it then. */
export async function proven(work) {
  try {
    return await work();
  } catch (error) {
    const flows = error.code === "reauthentication_required" && error.body.data?.flows;
    if (!flows) throw error; // who has nothing to prove it with is told to log in again
    await prove(flows);
    return work();
  }
}

async function prove(flows) {
  const ways = new Set(flows.map((flow) => flow.id));
  const types = flows.find((flow) => flow.types)?.types ?? [];
  if (ways.has("reauthenticate")) {
    await ask(openDialog("prove-password"), (fields) => post(`${AUTH}/reauthenticate`, fields));
  } else if (types.includes("totp")) {
    await ask(openDialog("prove-code"), (fields) => post(`${AUTH}/2fa/reauthenticate`, fields));
  } else {
    await signAt(`${AUTH}/webauthn/reauthenticate`);
  }
}
