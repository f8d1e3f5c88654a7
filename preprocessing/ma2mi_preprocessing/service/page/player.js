// Plays the aligned face with its flow over it, from two files of JPEG pictures.

export class Player {
  constructor(canvas, onFrame) {
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.onFrame = onFrame;
    this.blend = 0.7;
    this.speed = 1;
    this.frame = 0;
    this.timer = null;
  }

  async load(faces, facePlaces, flow, flowPlaces, fps, size) {
    this.pause();
    this.fps = fps;
    this.count = facePlaces.length - 1;
    this.canvas.width = this.canvas.height = size;
    const cut = (bytes, places, frame) =>
      createImageBitmap(new Blob([bytes.slice(places[frame], places[frame + 1])], { type: "image/jpeg" }));
    // Decoded when they are shown: all of a long clip would fill the memory of a phone.
    this.pictures = (frame) => Promise.all([cut(faces, facePlaces, frame), cut(flow, flowPlaces, frame)]);
    this.face = (frame) => cut(faces, facePlaces, frame);
    await this.show(0);
  }

  async show(frame) {
    const wanted = Math.min(this.count - 1, Math.max(0, frame));
    this.frame = wanted;
    const [face, flow] = await this.pictures(wanted);
    // Another was asked for meanwhile.
    if (this.frame !== wanted) return;
    const { context, canvas } = this;
    context.globalCompositeOperation = "source-over";
    context.globalAlpha = 1;
    context.drawImage(face, 0, 0, canvas.width, canvas.height);
    // White, which is no movement, leaves the face as it is.
    context.globalCompositeOperation = "multiply";
    context.globalAlpha = this.blend;
    context.drawImage(flow, 0, 0, canvas.width, canvas.height);
    this.onFrame(this.frame);
  }

  get playing() {
    return this.timer !== null;
  }

  play() {
    if (this.playing) return;
    const begun = performance.now();
    const first = this.frame >= this.count - 1 ? 0 : this.frame;
    const step = async () => {
      const passed = ((performance.now() - begun) / 1000) * this.fps * this.speed;
      await this.show((first + Math.floor(passed)) % this.count);
      if (this.playing) this.timer = requestAnimationFrame(step);
    };
    this.timer = requestAnimationFrame(step);
  }

  pause() {
    if (this.playing) cancelAnimationFrame(this.timer);
    this.timer = null;
  }
}
