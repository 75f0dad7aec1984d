/** The watch page: asks for a playback URL, plays it, renews it, and says why when it cannot. */

import { Problem, post } from "./api.js";
import { describeJob, followJob, isUnfinished } from "./job.js";
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
    player.load(await post(stage.dataset.playback), resumption);
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

function describe({ status, code, message: text }) {
  const again = { label: "Try again", run: () => start() };
  const others = { label: "Other films", href: stage.dataset.catalogue };
  const logIn = { label: "Log in", href: stage.dataset.logIn };
  if (status === 0) return { title: "The film does not get through", text, actions: [again] };
  if (code === "login_required") return { title: "You are logged out", text, actions: [logIn, others] };
  return { title: "Playback was refused", text, actions: [again, others] };
}

function showUnready() {
  showNotice(stage, { title: "This film is not ready yet", text: "It is still being prepared." });
  if (stage.dataset.job) followJob(stage.dataset.job, showJob);
}

function showJob(job) {
  if (job.state === "ready") start();
  else if (isUnfinished(job.state)) showProgress(stage, job.fraction, describeJob(job));
  else showNotice(stage, { title: "There is no film yet", text: describeJob(job) });
}
