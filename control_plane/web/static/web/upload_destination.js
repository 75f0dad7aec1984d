/**
 * Where a file goes: a video made for it and an upload of that video. It is remembered in this
 * browser until the upload is complete, so that after a reload the same file goes on where it
 * stopped instead of becoming a second video.
 */

import { csrfHeaders, post } from "./api.js";

const MEMORY = "sluice-uploads";

/** Resolve to `{videoId, uploadUrl}`; rejects with a Problem. */
export async function findOrMakeDestination(file) {
  const known = recall()[describe(file)];
  if (known && (await isAlive(known.uploadUrl))) return known;
  const destination = await makeDestination(file);
  remember({ ...recall(), [describe(file)]: destination });
  return destination;
}

/** To be called once a file is complete. */
export function forget(file) {
  const { [describe(file)]: _, ...others } = recall();
  remember(others);
}

async function makeDestination(file) {
  const video = await post("/api/v1/videos", { title: titleOf(file.name) });
  const upload = await post("/api/v1/uploads", {
    video_id: video.id,
    file_name: file.name,
    size_bytes: file.size,
  });
  return { videoId: video.id, uploadUrl: upload.url };
}

async function isAlive(uploadUrl) {
  const headers = { "Tus-Resumable": "1.0.0", ...csrfHeaders() };
  const answer = await fetch(uploadUrl, { method: "HEAD", headers }).catch(() => null);
  return Boolean(answer?.ok);
}

/** "My_holiday-film.final.mp4" becomes "My holiday-film.final". */
const titleOf = (name) => name.replace(/\.[^.]+$/, "").replaceAll("_", " ").trim() || name;

const describe = ({ name, size, lastModified }) => `${name}/${size}/${lastModified}`;

function recall() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY)) ?? {};
  } catch {
    return {};
  }
}

const remember = (uploads) => localStorage.setItem(MEMORY, JSON.stringify(uploads));
