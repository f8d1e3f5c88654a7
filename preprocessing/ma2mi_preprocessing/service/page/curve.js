// The motion curve with its marks, which can be dragged and moved by keys.

const SVG = "http://www.w3.org/2000/svg";
const HEIGHT = 190;
const TOP = 52;
const BOTTOM = 10;
const LINE = 13;
const MARGIN = 24;
const BIG_STEP = 10;

const element = (name, attributes = {}, text = "") => {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  if (text) made.textContent = text;
  return made;
};

export class Curve {
  // values: pixels a frame; marks: {onset, apex, offset}; onMarks is called with the marks when
  // one was moved, onFrame with a frame that was pointed at.
  constructor(box, values, fps, marks, onMarks, onFrame) {
    this.values = values;
    this.fps = fps;
    this.marks = { ...marks };
    this.onMarks = onMarks;
    this.onFrame = onFrame;
    this.box = box;
    this.draw();
    // Drawn anew, not stretched: letters and circles keep their shape.
    this.watcher?.disconnect();
    this.watcher = new ResizeObserver(() => {
      if (Math.abs(box.clientWidth - this.width) > 1) this.draw();
    });
    this.watcher.observe(box);
  }

  get last() {
    return this.values.length - 1;
  }

  x(frame) {
    const inner = this.width - 2 * MARGIN;
    return MARGIN + (this.last ? (frame / this.last) * inner : 0);
  }

  frameAt(event) {
    const box = this.svg.getBoundingClientRect();
    const share = (event.clientX - box.left - MARGIN) / (box.width - 2 * MARGIN);
    return Math.round(Math.min(1, Math.max(0, share)) * this.last);
  }

  draw() {
    this.width = this.box.clientWidth || 600;
    this.svg = element("svg", { viewBox: `0 0 ${this.width} ${HEIGHT}`, height: HEIGHT });
    this.box.replaceChildren(this.svg);
    const most = Math.max(...this.values, 1e-6);
    const y = (value) => HEIGHT - BOTTOM - (value / most) * (HEIGHT - TOP - BOTTOM);
    const points = this.values.map((value, frame) => `${this.x(frame)},${y(value)}`).join(" ");
    this.svg.append(
      element("line", { class: "axis", x1: MARGIN, x2: this.width - MARGIN, y1: y(0), y2: y(0) }),
      element("polyline", { class: "line", points }),
    );
    this.now = element("line", { class: "now", y1: TOP, y2: HEIGHT - BOTTOM });
    this.svg.append(this.now);
    this.svg.addEventListener("pointerdown", (event) => this.onFrame(this.frameAt(event)));
    this.handles = Object.fromEntries(
      Object.keys(this.marks).map((name, place) => [name, this.mark(name, place)]),
    );
    this.place();
    this.show(this.shown ?? 0);
  }

  mark(name, place) {
    const group = element("g", { class: `mark ${name}`, tabindex: 0, role: "slider", "aria-label": name,
      "aria-valuemin": 0, "aria-valuemax": this.last });
    group.append(
      element("line", { y1: TOP - 6, y2: HEIGHT - BOTTOM }),
      element("circle", { cy: TOP - 6, r: 8 }),
      // Each on a line of its own: a micro-expression has them close together.
      element("text", { y: LINE * (place + 1), "text-anchor": "middle" }, name),
    );
    group.addEventListener("pointerdown", (event) => {
      event.stopPropagation();
      group.setPointerCapture(event.pointerId);
      const follow = (moved) => this.move(name, this.frameAt(moved), false);
      group.addEventListener("pointermove", follow);
      group.addEventListener(
        "pointerup",
        () => {
          group.removeEventListener("pointermove", follow);
          this.onMarks({ ...this.marks });
        },
        { once: true },
      );
    });
    group.addEventListener("keydown", (event) => {
      const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -BIG_STEP,
        PageUp: BIG_STEP, Home: -this.last, End: this.last };
      if (!(event.key in steps)) return;
      event.preventDefault();
      this.move(name, this.marks[name] + steps[event.key], true);
    });
    this.svg.append(group);
    return group;
  }

  // The order of onset, apex and offset stays.
  move(name, frame, done) {
    const { onset, apex, offset } = this.marks;
    const [low, high] = { onset: [0, apex - 1], apex: [onset + 1, offset], offset: [apex, this.last] }[name];
    this.marks[name] = Math.min(high, Math.max(low, frame));
    this.place();
    this.onFrame(this.marks[name]);
    if (done) this.onMarks({ ...this.marks });
  }

  place() {
    for (const [name, group] of Object.entries(this.handles)) {
      const frame = this.marks[name];
      group.setAttribute("aria-valuenow", frame);
      group.setAttribute("aria-valuetext", `frame ${frame}, ${(frame / this.fps).toFixed(2)} s`);
      const x = this.x(frame);
      for (const part of group.children) {
        if (part.tagName === "line") { part.setAttribute("x1", x); part.setAttribute("x2", x); }
        else part.setAttribute(part.tagName === "circle" ? "cx" : "x", x);
      }
    }
  }

  show(frame) {
    this.shown = frame;
    this.now.setAttribute("x1", this.x(frame));
    this.now.setAttribute("x2", this.x(frame));
  }
}
