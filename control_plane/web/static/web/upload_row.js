/** One file in the list of uploads: its name, how far it is, and what can be done with it. */

import { describeJob } from "./job.js";

const UNITS = ["bytes", "KB", "MB", "GB", "TB"];

export class UploadRow {
  videoId = null;
  #size;
  #row;

  constructor(list, file) {
    const template = document.querySelector("[data-upload-row]");
    this.#row = template.content.firstElementChild.cloneNode(true);
    this.#size = file.size;
    this.#part("name").textContent = file.name;
    this.#part("bar").setAttribute("aria-label", `Upload of ${file.name}`);
    this.#say("waiting", `${formatSize(file.size)}, waiting`);
    list.append(this.#row);
    list.hidden = false;
  }

  showVideo(videoId) {
    this.videoId = videoId;
    const link = this.#part("video");
    link.href = link.dataset.pattern.replace("00000000-0000-0000-0000-000000000000", videoId);
    link.hidden = false;
  }

  /** `togglePause` pauses or resumes, and returns whether it is paused now. */
  showSending({ togglePause, cancel }) {
    this.#say("sending", `0 % of ${formatSize(this.#size)}`);
    this.#offer("Pause", ({ currentTarget: button }) => {
      const paused = togglePause();
      button.textContent = paused ? "Resume" : "Pause";
      this.#row.dataset.state = paused ? "paused" : "sending";
    });
    this.#part("cancel").addEventListener("click", cancel, { once: true });
    this.#part("cancel").hidden = false;
  }

  showProgress(bytes) {
    const share = this.#size ? bytes / this.#size : 1;
    this.#part("bar").value = share;
    const text = `${Math.floor(share * 100)} % of ${formatSize(this.#size)}`;
    this.#say(this.#row.dataset.state, text);
  }

  showFailure(reason, tryAgain) {
    this.#say("failed", reason);
    this.#offer("Try again", () => {
      this.#say("waiting", "Trying again");
      this.#part("action").hidden = true;
      tryAgain();
    });
  }

  showArrived() {
    this.#part("bar").value = 1;
    this.#part("action").hidden = true;
    this.#part("cancel").hidden = true;
    this.#say("arrived", `${formatSize(this.#size)} uploaded`);
  }

  /** From here on the row tells of the film that the file becomes. */
  showJob(job) {
    this.#part("bar").value = job.state === "ready" ? 1 : job.fraction;
    this.#say(job.state, describeJob(job));
  }

  remove() {
    this.#row.remove();
  }

  /** Screen readers hear of a new state, and not of every percent. */
  #say(state, text) {
    const status = this.#part("status");
    status.ariaLive = state === this.#row.dataset.state ? "off" : "polite";
    status.textContent = text;
    this.#row.dataset.state = state;
  }

  #offer(label, run) {
    const old = this.#part("action");
    const button = old.cloneNode();
    button.textContent = label;
    button.hidden = false;
    button.addEventListener("click", run);
    old.replaceWith(button);
  }

  #part(name) {
    return this.#row.querySelector(`[data-part=${name}]`);
  }
}

function formatSize(bytes) {
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length - 1);
  const amount = bytes / 1000 ** power;
  return `${amount.toFixed(power && amount < 100 ? 1 : 0)} ${UNITS[power]}`;
}
