/**
 * The upload page: every file becomes a draft named after it, and then travels by tus, so that
 * it can pause and go on at any byte. A list of rows shows how far each has come.
 */

import { Tus, Uppy } from "../vendor/uppy/dist/uppy.min.mjs";

import { Problem, csrfHeaders, send } from "./api.js";
import { followJob } from "./job.js";
import { findOrMakeDestination, forget } from "./upload_destination.js";
import { UploadRow } from "./upload_row.js";

const CHUNK_BYTES = 32 * 2 ** 20; // a size that proxies in between pass on
const AT_ONCE = 2;

const zone = document.querySelector("[data-drop-zone]");
const list = document.querySelector("[data-uploads]");
const rows = new Map();

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
  followTranscode(rows.get(id));
  queueMicrotask(() => uppy.removeFile(id)); // at once, Uppy would delete what it has just sent
});
uppy.on("upload-error", ({ id, data }, error, answer) => {
  const row = rows.get(id);
  row.showFailure(explain(error, answer), () => begin(data, row));
  uppy.removeFile(id);
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
  try {
    const { videoId, uploadUrl } = await findOrMakeDestination(file);
    row.showVideo(videoId);
    upload(file, row, uploadUrl);
  } catch (error) {
    if (!(error instanceof Problem || error.isRestriction)) throw error;
    row.showFailure(error.message, () => begin(file, row));
  }
}

function upload(file, row, uploadUrl) {
  const id = uppy.addFile({ name: file.name, type: file.type, data: file });
  rows.set(id, row);
  uppy.setFileState(id, { tus: { uploadUrl } });
  row.showSending({
    togglePause: () => uppy.pauseResume(id),
    cancel: () => cancel(id, file, row),
  });
  uppy.upload().catch(noted);
}

/** The draft goes, too: nothing was to be of it but this film. */
async function cancel(id, file, row) {
  uppy.removeFile(id);
  forget(file);
  row.remove();
  await send("DELETE", `/api/v1/videos/${row.videoId}`);
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
