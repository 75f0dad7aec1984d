/** The watch page: asks for a playback URL, plays it, renews it, and says why when it cannot. */

import { Problem, post } from "./api.js";
import { followJob } from "./job.js";
import { forwardKeys } from "./keys.js";
import { hideNotice, showNotice } from "./notice.js";
import { Player } from "./player.js";

const RENEWABLE = new Set(["token_expired", "start_window_closed"]);

const stage = document.querySelector("[data-stage]");
const video = stage.querySelector("video");
const player = new Player(video);
let renewed = false;

player.addEventListener("refused", ({ detail: { problem, resumption } }) => {
  if (RENEWABLE.has(problem.code) && !renewed) renew(resumption);
  else showProblem(problem);
});
video.addEventListener("playing", () => (renewed = false));

start();

async function start(resumption = {}) {
  hideNotice(stage);
  try {
    const playback = await post(stage.dataset.playback);
    player.load(playback.url, resumption);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    showProblem(error);
  }
}

/** Once: a fresh URL that is refused as well is a refusal to show. */
function renew(resumption) {
  renewed = true;
  start(resumption);
}
