/** The account page: accounts elsewhere are connected and disconnected. */

import { send } from "./api.js";
import { enable } from "./deeds.js";
import { findWay } from "./providers.js";
import { proven } from "./proving.js";

const CONNECTIONS = "/api/v1/browser/account/providers";

enable({ connect, disconnect });

function connect({ provider }) {
  return proven(() => findWay({ provider, process: "connect", callback_url: location.pathname }));
}

async function disconnect({ provider, account }) {
  await proven(() => send("DELETE", CONNECTIONS, { provider, account }));
}
