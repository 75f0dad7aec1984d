/**
 * The upload page: every file becomes a draft named after it, and then travels by tus, so that
 * it can pause and go on at any byte. A list of rows shows how far each has come.
 */

import { Tus, Uppy } from "../vendor/uppy/dist/uppy.min.mjs";

import { Problem, csrfHeaders } from "./api.js";
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
uppy.on("upload-success", (file) => {
  forget(file.data);
  rows.get(file.id).showDone();
});
uppy.on("upload-error", ({ id }, error, answer) => {
  rows.get(id).showFailure(explain(error, answer), () => uppy.retryUpload(id).catch(noted));
});

zone.querySelector("input").addEventListener("change", ({ target }) => {
  take([...target.files]);
  target.value = "";
});
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

/** One after the other, so that the drafts are made in the order of the files. */
async function take(files) {
  const added = files.map((file) => [file, new UploadRow(list, file)]);
  for (const [file, row] of added) await begin(file, row);
}

async function begin(file, row) {
  try {
    const { videoId, uploadUrl } = await findOrMakeDestination(file);
    row.showVideo(videoId);
    send(file, row, uploadUrl);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    row.showFailure(error.message, () => begin(file, row));
  }
}

function send(file, row, uploadUrl) {
  const id = uppy.addFile({ name: file.name, type: file.type, data: file });
  rows.set(id, row);
  uppy.setFileState(id, { tus: { uploadUrl } });
  row.showSending(() => uppy.pauseResume(id));
  uppy.upload().catch(noted);
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
