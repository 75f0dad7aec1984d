/** A transcode job, watched live: server-sent events, each a whole job as JSON. */

const UNFINISHED = new Set(["queued", "running", "publishing"]);

export const isUnfinished = (state) => UNFINISHED.has(state);

/** Call `onChange(job)` now and at every change until the job is finished or `stop` is called. */
export function followJob(url, onChange) {
  const events = new EventSource(url);
  events.addEventListener("message", ({ data }) => {
    const job = JSON.parse(data);
    if (!isUnfinished(job.state)) events.close();
    onChange(job);
  });
  return { stop: () => events.close() };
}

/** How far a job is, in words. */
export function describeJob({ state, fraction, eta_s: eta, failure }) {
  switch (state) {
    case "queued":
      return "Waiting for a worker";
    case "running":
      return `${Math.floor(fraction * 100)} %${eta ? `, ${describeDuration(eta)} left` : ""}`;
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

function describeDuration(seconds) {
  if (seconds < 90) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 90 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
