/**
 * The upload page: every file becomes a draft named after it, and then travels by tus, so that
 * it can pause and go on at any byte. A list of rows shows how far each has come.
 */

import { Tus, Uppy } from "../vendor/uppy/dist/uppy.min.mjs";

import { Problem, csrfHeaders, send } from "./api.js";
import { followJob } from "./job.js";
import { findOrMakeDestination, forget, identify } from "./upload_destination.js";
import { UploadRow } from "./upload_row.js";

const CHUNK_BYTES = 32 * 2 ** 20; // a size that proxies in between pass on
const AT_ONCE = 2;

const zone = document.querySelector("[data-drop-zone]");
const list = document.querySelector("[data-uploads]");
const rows = new Map(); // by Uppy's ids
const underway = new Set();

const uppy = new Uppy({ id: "films" }).use(Tus, {
  limit: AT_ONCE,
  chunkSize: CHUNK_BYTES,
  headers: csrfHeaders,
  retryDelays: [500, 1000, 3000, 5000, 10000],
  storeFingerprintForResuming: false, // where a file goes on is remembered with its video
});

uppy.on("upload-progress", ({ id }, { bytesUploaded }) => rows.get(id).showProgress(bytesUploaded));
uppy.on("upload-success", ({ id, data }) => {
  forget(data);
  underway.delete(identify(data));
  followTranscode(rows.get(id));
});
uppy.on("upload-error", ({ id, data }, error, answer) => {
  const row = rows.get(id);
  underway.delete(identify(data));
  row.showFailure(explain(error, answer), () => begin(data, row));
});

// The admin's theme expects a text field beside every file input, and fails without one.
zone.addEventListener("change", takeChosen, { capture: true });
zone.addEventListener("dragover", (event) => {
  event.preventDefault();
  zone.classList.add("over");
});
zone.addEventListener("dragleave", () => zone.classList.remove("over"));
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  zone.classList.remove("over");
  take([...event.dataTransfer.files]);
});

window.addEventListener("beforeunload", (event) => {
  if (list.querySelector("[data-state=sending]")) event.preventDefault();
});

function takeChosen(event) {
  event.stopPropagation();
  take([...event.target.files]);
  event.target.value = "";
}

/** One after the other, so that the drafts are made in the order of the files. */
async function take(files) {
  const added = files.map((file) => [file, new UploadRow(list, file)]);
  for (const [file, row] of added) await begin(file, row);
}

async function begin(file, row) {
  const key = identify(file);
  const again = () => begin(file, row);
  if (underway.has(key)) return row.showFailure("This file is on its way already.", again);
  underway.add(key);
  try {
    const { videoId, uploadUrl } = await findOrMakeDestination(file);
    row.showVideo(videoId);
    return upload(file, row, uploadUrl);
  } catch (error) {
    underway.delete(key);
    if (!(error instanceof Problem)) throw error;
    return row.showFailure(error.message, again);
  }
}

function upload(file, row, uploadUrl) {
  // Uppy takes a file of the same path for the same file, even when it is long done with it.
  const meta = { relativePath: String(rows.size) };
  const id = uppy.addFile({ name: file.name, type: file.type, data: file, meta });
  rows.set(id, row);
  uppy.setFileState(id, { tus: { uploadUrl } });
  row.showSending({
    togglePause: () => uppy.pauseResume(id),
    cancel: () => cancel(id, file, row),
  });
  uppy.upload().catch(noted);
}

/** The draft goes, too, and its upload with it: nothing was to be of it but this film. */
async function cancel(id, file, row) {
  if (!uppy.getFile(id).isPaused) uppy.pauseResume(id);
  forget(file);
  underway.delete(identify(file));
  try {
    await send("DELETE", `/api/v1/videos/${row.videoId}`);
    row.remove();
  } catch (problem) {
    row.showFailure(problem.message, () => cancel(id, file, row));
  }
}

async function followTranscode(row) {
  row.showArrived();
  const { newest_job: job } = await send("GET", `/api/v1/videos/${row.videoId}`);
  if (job) followJob(job.id, (news) => row.showJob(news));
}

/** What fails is shown by the event `upload-error`. */
function noted() {}

function explain(error, answer) {
  try {
    return new Problem(answer.status, JSON.parse(answer.body.xhr.responseText)).message;
  } catch {
    return error.isNetworkError ? "The connection was lost." : "The upload was refused.";
  }
}
