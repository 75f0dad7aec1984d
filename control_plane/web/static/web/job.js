/** Transcode jobs, watched live: server-sent events, each a whole job as JSON. */

const UNFINISHED = new Set(["queued", "running", "publishing"]);
const AT_ONCE = 4; // browsers keep at most six connections to a server without HTTP/2

const waiting = [];
let connections = 0;

export const isUnfinished = (state) => UNFINISHED.has(state);

/**
 * Call `onChange(job)` at once and at every change, until the job is finished. Of many jobs, the
 * first ones asked for are watched; others follow as those are finished.
 */
export function followJob(id, onChange) {
  waiting.push({ id, onChange });
  connectNext();
}

/** How far a job is, in words. */
export function describeJob({ state, stage, fraction, eta_s: eta, failure }) {
  switch (state) {
    case "queued":
      return "Waiting for a worker";
    case "running":
      return describeStage(stage, `${Math.floor(fraction * 100)} %`, eta);
    case "publishing":
      return "Publishing";
    case "ready":
      return "Ready";
    case "failed":
      return failure?.message ?? "Failed";
    default:
      return "Cancelled";
  }
}

function describeStage(stage, percent, eta) {
  if (stage === "planning") return "Planning";
  const done = stage === "packaging" ? `Packaging, ${percent}` : percent;
  return eta ? `${done}, ${describeDuration(eta)} left` : done;
}

function connectNext() {
  if (connections >= AT_ONCE || !waiting.length) return;
  const { id, onChange } = waiting.shift();
  const events = new EventSource(`/api/v1/jobs/${id}/events`);
  connections += 1;
  events.addEventListener("message", ({ data }) => {
    const job = JSON.parse(data);
    if (!isUnfinished(job.state)) end(events);
    onChange(job);
  });
  // Lost connections come back by themselves; refused ones are closed.
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) end(events);
  });
}

function end(events) {
  events.close();
  connections -= 1;
  connectNext();
}

function describeDuration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
