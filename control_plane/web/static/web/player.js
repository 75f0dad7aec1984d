/**
 * Plays a signed URL in a video element: through hls.js where Media Source Extensions exist,
 * natively elsewhere. hls.js is asked first, since browsers that claim native HLS may lack
 * encryption and subtitles, and tell nothing about a refusal.
 */

import Hls from "../vendor/hls.js/dist/hls.min.mjs";

import { Problem } from "./api.js";
import { VideoRenditions } from "./renditions.js";

const WORKER = new URL("../vendor/hls.js/dist/hls.worker.js", import.meta.url).href;
const REFUSED = 403;
const NATIVE_TYPE = "application/vnd.apple.mpegurl";

/**
 * Emits `refused` when playback cannot go on; the detail holds the `problem` and, for `load`,
 * the `resumption`: where the film was and whether it was playing.
 */
export class Player extends EventTarget {
  #hls = null;
  #video;
  #recovered = false;

  constructor(video) {
    super();
    this.#video = video;
    video.videoRenditions = new VideoRenditions();
    video.addEventListener("error", () => this.#explainNativeError());
  }

  /** Play a film from `position` (seconds); it begins by itself when `playing`. */
  load({ url, storyboard_url: storyboard }, { position = -1, playing = false } = {}) {
    this.stop();
    if (Hls.isSupported()) this.#loadWithHls(url, storyboard, position);
    else if (this.#video.canPlayType(NATIVE_TYPE)) this.#loadNatively(url, storyboard, position);
    else return this.#refuse(new Problem(0, { detail: "This browser cannot play the film." }));
    if (playing) this.#video.play().catch(() => {}); // refused autoplay leaves the play button
  }

  stop() {
    this.#hls?.destroy();
    this.#hls = null;
  }

  #loadWithHls(url, storyboard, startPosition) {
    const hls = new Hls({ workerPath: WORKER, capLevelToPlayerSize: true, startPosition });
    this.#hls = hls;
    hls.on(Hls.Events.MANIFEST_PARSED, () => {
      this.#video.videoRenditions.show(hls);
      this.#showStoryboard(storyboard);
    });
    hls.on(Hls.Events.ERROR, (_, error) => this.#judge(error));
    hls.loadSource(url);
    hls.attachMedia(this.#video);
  }

  #loadNatively(url, storyboard, position) {
    this.#video.src = url;
    if (position > 0) {
      this.#video.addEventListener("loadedmetadata", () => (this.#video.currentTime = position), {
        once: true,
      });
    }
    this.#showStoryboard(storyboard);
  }

  /** hls.js clears the cues of tracks that are there when it loads, so this comes after. */
  #showStoryboard(src) {
    this.#video.querySelector("track[label=thumbnails]")?.remove();
    if (!src) return;
    const track = document.createElement("track");
    Object.assign(track, { kind: "metadata", label: "thumbnails", default: true, src });
    this.#video.append(track);
  }

  /** A refusal of the edge ends playback at once; hls.js would try the other rungs first. */
  #judge(error) {
    if (error.response?.code === REFUSED) return this.#refuse(readProblem(error));
    if (!error.fatal) return undefined;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && !this.#recovered) {
      this.#recovered = true;
      return this.#hls.recoverMediaError();
    }
    return this.#refuse(readProblem(error));
  }

  async #explainNativeError() {
    if (this.#hls || !this.#video.currentSrc) return;
    const answer = await fetch(this.#video.currentSrc).catch(() => null);
    const body = answer && !answer.ok ? await answer.json().catch(() => ({})) : {};
    this.#refuse(new Problem(answer?.status ?? 0, body));
  }

  #refuse(problem) {
    const resumption = { position: this.#video.currentTime, playing: !this.#video.paused };
    this.stop();
    this.dispatchEvent(new CustomEvent("refused", { detail: { problem, resumption } }));
  }
}

/** The problem body of an hls.js error: text for playlists, bytes for segments. */
function readProblem({ response, networkDetails }) {
  const content = networkDetails?.response;
  const text = content instanceof ArrayBuffer ? new TextDecoder().decode(content) : content;
  try {
    return new Problem(response?.code ?? 0, JSON.parse(text));
  } catch {
    return new Problem(response?.code ?? 0);
  }
}
