/** Live progress wherever the admin shows jobs: oldest first, as workers take them. */

import { describeJob, followJob, isUnfinished } from "./job.js";

const places = [...document.querySelectorAll("[data-job]")].reverse();

for (const place of places.filter(({ dataset }) => isUnfinished(dataset.state))) {
  followJob(place.dataset.job, (job) => show(place, job));
}

function show(place, job) {
  place.dataset.state = job.state;
  place.querySelector("progress").value = job.fraction;
  place.querySelector("[data-text]").textContent = describeJob(job);
}
