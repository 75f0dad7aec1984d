/** What every page does: log out, and stand-ins for posters that do not load. */

import { send } from "./api.js";

const SESSION = "/api/v1/browser/auth/session";

for (const button of document.querySelectorAll("[data-log-out]")) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    await endSession();
    location.assign(button.dataset.logOut);
  });
}

for (const image of document.querySelectorAll("img[data-poster]")) {
  if (image.complete && !image.naturalWidth) hidePoster(image);
  image.addEventListener("error", () => hidePoster(image));
}

/** Ending a session answers 401, like every answer to somebody who is not logged in. */
async function endSession() {
  await send("DELETE", SESSION).catch((problem) => {
    if (problem.status !== 401) throw problem;
  });
}

function hidePoster(image) {
  image.remove();
}
