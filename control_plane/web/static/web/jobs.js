/**
 * Live progress wherever the admin shows jobs. A browser keeps few connections to one server, so
 * the jobs that come next are watched, and others as soon as one of them is finished.
 */

import { describeJob, followJob, isUnfinished } from "./job.js";

const AT_ONCE = 4;

const waiting = [...document.querySelectorAll("[data-job]")]
  .filter((place) => isUnfinished(place.dataset.state))
  .reverse(); // lists show the newest first, workers take the oldest

for (const place of waiting.splice(0, AT_ONCE)) follow(place);

function follow(place) {
  followJob(place.dataset.job, (job) => {
    show(place, job);
    if (!isUnfinished(job.state) && waiting.length) follow(waiting.shift());
  });
}

function show(place, job) {
  place.dataset.state = job.state;
  place.querySelector("progress").value = job.state === "ready" ? 1 : job.fraction;
  place.querySelector("[data-text]").textContent = describeJob(job);
}
