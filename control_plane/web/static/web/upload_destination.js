/**
 * Where a file goes: a video made for it and an upload of that video. It is remembered in this
 * browser until the upload is complete, so that after a reload the same file goes on where it
 * stopped instead of becoming a second video.
 */

import { post, request, send } from "./api.js";

const MEMORY = "sluice-uploads";
const TUS = { "Tus-Resumable": "1.0.0" };
const GONE = new Set([403, 404, 410]);

/** Resolve to `{videoId, uploadUrl}`; rejects with a Problem. */
export async function findOrMakeDestination(file) {
  const known = recall()[identify(file)];
  if (known && (await isAlive(known.uploadUrl))) return known;
  const destination = await makeDestination(file);
  remember({ ...recall(), [identify(file)]: destination });
  return destination;
}

/** To be called once a file is complete. */
export function forget(file) {
  const { [identify(file)]: _, ...others } = recall();
  remember(others);
}

async function makeDestination(file) {
  const { id: videoId } = await post("/api/v1/videos", { title: titleOf(file.name) });
  try {
    return { videoId, uploadUrl: await createUpload(videoId, file) };
  } catch (problem) {
    await send("DELETE", `/api/v1/videos/${videoId}`);
    throw problem;
  }
}

async function createUpload(videoId, { name, size }) {
  const answer = await request("POST", "/api/v1/uploads", {
    headers: {
      ...TUS,
      "Upload-Length": String(size),
      "Upload-Metadata": `video_id ${encode(videoId)},filename ${encode(name)}`,
    },
  });
  return new URL(answer.headers.get("Location"), location).href;
}

async function isAlive(uploadUrl) {
  try {
    await request("HEAD", uploadUrl, { headers: TUS });
    return true;
  } catch (problem) {
    if (GONE.has(problem.status)) return false;
    throw problem;
  }
}

/** Base64 of UTF-8, as tus wants values of metadata. */
const encode = (text) => btoa(String.fromCodePoint(...new TextEncoder().encode(text)));

/** "My_holiday-film.final.mp4" becomes "My holiday-film.final". */
const titleOf = (name) => name.replace(/\.[^.]+$/, "").replaceAll("_", " ").trim() || name;

/** What tells a file from others, after a reload too. */
export const identify = ({ name, size, lastModified }) => `${name}/${size}/${lastModified}`;

function recall() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY)) ?? {};
  } catch {
    return {};
  }
}

const remember = (uploads) => localStorage.setItem(MEMORY, JSON.stringify(uploads));
