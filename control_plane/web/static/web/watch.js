/** The watch page: asks for a playback URL, plays it, renews it, and says why when it cannot. */

import { Problem, post } from "./api.js";
import { describeJob, followJob } from "./job.js";
import { forwardKeys } from "./keys.js";
import { hideNotice, showNotice, showProgress } from "./notice.js";
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
forwardKeys(stage.querySelector("media-controller"));
start();

async function start(resumption) {
  hideNotice(stage);
  try {
    const { url } = await post(stage.dataset.playback);
    player.load(url, resumption);
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

function showProblem(problem) {
  if (problem.code === "not_ready") showUnready();
  else showNotice(stage, { ...describe(problem), reference: problem.body.decision_id });
}

function describe(problem) {
  const again = { label: "Try again", run: () => start() };
  const others = { label: "Other films", href: stage.dataset.catalogue };
  const logIn = { label: "Log in", href: stage.dataset.logIn };
  switch (problem.status) {
    case 0:
      return { title: "No connection", text: problem.message, actions: [again] };
    case 401:
      return { title: "This film is for members", text: problem.message, actions: [logIn, others] };
    default:
      return { title: problem.body.title ?? "Something went wrong", text: problem.message, actions: [again, others] };
  }
}

function showUnready() {
  showNotice(stage, { title: "This film is not ready yet", text: "It is still being prepared." });
  if (!stage.dataset.job) return;
  followJob(stage.dataset.job, (job) => {
    if (job.state === "ready") start();
    else showProgress(stage, job.fraction, describeJob(job));
  });
}
