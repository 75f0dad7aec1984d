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
  const rungs = place.querySelector("[data-rungs]");
  if (rungs) showRungs(rungs, job.rungs);
}

/** A bar for each rung, the lowest first: those that are there move, new ones are added. */
function showRungs(list, rungs) {
  for (const [height, share] of Object.entries(rungs).sort(([a], [b]) => a - b)) {
    const found = list.querySelector(`[data-rung="${height}"]`);
    (found ?? addRung(list, height)).querySelector("progress").value = share;
  }
}

function addRung(list, height) {
  const row = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  row.dataset.rung = height;
  name.textContent = `${height}p`;
  bar.max = 1;
  bar.ariaLabel = name.textContent;
  row.append(name, " ", bar);
  list.append(row);
  return row;
}
