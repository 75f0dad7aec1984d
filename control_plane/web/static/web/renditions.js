/**
 * The rungs of hls.js as the list of video renditions that media-chrome's quality menu reads:
 * `video.videoRenditions`, with -1 selected for automatic choice.
 */

export class VideoRenditions extends EventTarget {
  #hls = null;
  #rungs = [];
  #selected = -1;

  *[Symbol.iterator]() {
    yield* this.#rungs;
  }

  get length() {
    return this.#rungs.length;
  }

  get selectedIndex() {
    return this.#selected;
  }

  set selectedIndex(index) {
    this.#selected = index;
    if (this.#hls) this.#hls.nextLevel = index;
    this.dispatchEvent(new Event("change"));
  }

  /** Show the rungs of a newly loaded stream; a choice made before holds where it still can. */
  show(hls) {
    const height = this[this.#selected]?.height;
    this.#forget();
    this.#hls = hls;
    hls.levels.forEach((level, index) => this.#add(level, index));
    const kept = this.#rungs.findIndex((rung) => rung.height === height);
    if (kept >= 0) this.selectedIndex = kept;
  }

  #add({ width, height, bitrate }, index) {
    const rung = { id: String(index), width, height, bitrate };
    this.#rungs.push(rung);
    this[index] = rung;
    this.dispatchEvent(new Event("addrendition"));
  }

  #forget() {
    this.#rungs.forEach((_, index) => delete this[index]);
    this.#rungs = [];
    this.#selected = -1;
    this.dispatchEvent(new Event("removerendition"));
  }
}
