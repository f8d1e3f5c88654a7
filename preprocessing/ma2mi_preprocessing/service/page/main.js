// The page: sends clips, lists them, and shows the one that is chosen.

import { deleteClip, getBlob, getBytes, getClip, getJson, listClips, motionPath, sendClip } from "./api.js";
import { camera } from "./camera.js";
import { Curve } from "./curve.js";
import { Player } from "./player.js";
import { showPrediction } from "./prediction.js";

const by = (id) => document.getElementById(id);
const POLLED_EVERY = 700;
const FILES = {
  "clip.json": "what was found, as JSON",
  "frames.npy": "aligned faces, NumPy (T, S, S, 3) uint8",
  "motion.npz": "flow, strain, difference, curve, NumPy",
  "contact_sheet.jpg": "contact sheet",
};

let chosen = null;
let curve = null;
const sheets = new Map();
const player = new Player(by("face"), (frame) => {
  by("frame").value = frame;
  by("frame-words").textContent = `${frame} (${(frame / player.fps).toFixed(2)} s)`;
  curve?.show(frame);
});

function say(words, bad = false) {
  by("message").textContent = words;
  by("message").classList.toggle("bad", bad);
}

const failed = (error) => say(error.message, true);

// -- sending ------------------------------------------------------------------------------------

async function send(file) {
  say(`sending ${file.name ?? "the recording"} …`);
  try {
    const options = { size: by("size").value, fps: by("fps").value, detector: by("detector").value };
    const job = await sendClip(file, options);
    say("sent; it is being worked on");
    await refresh();
    await choose(job.id);
  } catch (error) {
    failed(error);
  }
}

by("file").addEventListener("change", (event) => {
  const [file] = event.target.files;
  if (file) send(file);
  event.target.value = "";
});
for (const name of ["dragover", "dragleave", "drop"]) {
  by("drop").addEventListener(name, (event) => {
    event.preventDefault();
    by("drop").classList.toggle("over", name === "dragover");
    if (name === "drop" && event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });
}
camera(by, send, failed);

// -- the list -----------------------------------------------------------------------------------

let jobs = [];

async function refresh() {
  jobs = await listClips();
  by("no-jobs").hidden = jobs.length > 0;
  by("jobs").replaceChildren(...jobs.map(entry));
}

function make(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function entry(job) {
  const when = new Date(job.created).toLocaleString();
  const row = make("div", { className: "row" },
    make("button", { type: "button", className: "plain", textContent: when, onclick: () => choose(job.id) }),
    make("button", { type: "button", className: "plain", textContent: "Delete", ariaLabel: `Delete ${when}`,
      onclick: () => remove(job.id) }));
  const item = make("li", { className: job.id === chosen ? "chosen" : "" });
  if (job.state === "done") item.append(sheet(job, when));
  else if (job.state === "failed") item.append(make("span", { textContent: job.reason }));
  else item.append(make("progress", { value: job.progress, max: 1, ariaLabel: `${job.state} ${job.stage}` }));
  item.append(row);
  return item;
}

function sheet(job, when) {
  const image = make("img", { alt: `Contact sheet of ${when}` });
  const place = job.results["contact_sheet.jpg"];
  if (!sheets.has(job.id)) sheets.set(job.id, getBlob(place).then((blob) => URL.createObjectURL(blob)));
  sheets.get(job.id).then((url) => { image.src = url; }, failed);
  return image;
}

async function remove(id) {
  try {
    await deleteClip(id);
    if (id === chosen) { chosen = null; by("shown").hidden = true; by("viewer-title").textContent = "No clip is chosen"; }
    await refresh();
  } catch (error) {
    failed(error);
  }
}

// -- the chosen clip ----------------------------------------------------------------------------

async function choose(id) {
  chosen = id;
  by("shown").hidden = true;
  try {
    for (;;) {
      const job = await getClip(id);
      if (chosen !== id) return;
      if (job.state === "done") { await show(job); break; }
      by("viewer-title").textContent = job.state === "failed"
        ? `This clip cannot be used: ${job.reason}` : `Working: ${job.stage || job.state}`;
      if (job.state === "failed") break;
      await refresh();
      await new Promise((resolve) => { setTimeout(resolve, POLLED_EVERY); });
    }
    await refresh();
  } catch (error) {
    failed(error);
  }
}

async function show(job) {
  const clip = await getJson(job.results["clip.json"]);
  const [faces, flow] = await Promise.all([
    getBytes(job.results["faces.pack"]), getBytes(job.results["flow.pack"]),
  ]);
  if (chosen !== job.id) return;
  by("viewer-title").textContent = `Clip of ${new Date(job.created).toLocaleString()}`;
  by("shown").hidden = false;
  by("frame").max = clip.frames - 1;
  const marks = { onset: clip.onset, apex: clip.apex, offset: Math.max(clip.offset, clip.apex) };
  curve = new Curve(by("curve"), clip.curve, clip.fps, marks,
    (moved) => showMotion(job, clip, moved).catch(failed), (frame) => { pause(); player.show(frame); });
  await player.load(faces, clip.faces_pack, flow, clip.flow_pack, clip.fps, clip.size);
  await player.show(clip.apex);
  describe(job, clip);
  await showPrediction(by, make, clip.prediction, () => player.face(clip.apex));
  await showMotion(job, clip, marks);
  by("viewer").focus({ preventScroll: true });
  say("");
}

async function showMotion(job, clip, { onset, apex }) {
  by("flow-words").textContent = `Flow from frame ${onset} to ${apex}; full colour is ${clip.flow_full_colour.toFixed(2)} pixels`;
  await Promise.all(["flow", "strain", "difference"].map(async (output) => {
    const full = output === "flow" ? clip.flow_full_colour : null;
    const blob = await getBlob(motionPath(job.id, onset, apex, output, full));
    const image = by(output);
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(blob);
  }));
}

function describe(job, clip) {
  const facts = {
    frames: clip.frames, "frames a second": clip.fps.toFixed(2), "first frame of the source": clip.first_frame,
    "found by": clip.annotated.length ? "given frames" : "the motion curve",
  };
  by("facts").replaceChildren(...Object.entries(facts).map(([name, value]) =>
    make("div", {}, make("dt", { textContent: name }), make("dd", { textContent: value }))));
  by("notes").replaceChildren(...clip.notes.map((words) => make("li", { textContent: words })));
  const found = clip.expressions.map((one) => make("li", {},
    make("button", { type: "button", className: "plain", onclick: () => { pause(); player.show(one.apex); },
      textContent: `${one.kind}: frames ${one.onset} to ${one.offset}, apex ${one.apex}, ${one.seconds.toFixed(2)} s, `
        + `${one.strength.toFixed(2)} pixels` })));
  by("expressions").replaceChildren(...(found.length ? found
    : [make("li", { textContent: "none that stands out from the still face; marked is the strongest movement" })]));
  by("downloads").replaceChildren(...Object.entries(FILES).map(([name, words]) => make("li", {},
    make("button", { type: "button", className: "plain", textContent: `${name} (${words})`,
      onclick: () => download(job.results[name], name).catch(failed) }))));
}

async function download(path, name) {
  const url = URL.createObjectURL(await getBlob(path));
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

// -- controls -----------------------------------------------------------------------------------

function pause() {
  player.pause();
  by("play").textContent = "Play";
}

by("play").addEventListener("click", () => {
  if (player.playing) { pause(); return; }
  player.play();
  by("play").textContent = "Pause";
});
by("frame").addEventListener("input", (event) => { pause(); player.show(Number(event.target.value)); });
by("blend").addEventListener("input", (event) => { player.blend = event.target.value / 100; if (!player.playing) player.show(player.frame); });
by("speed").addEventListener("change", (event) => { pause(); player.speed = Number(event.target.value); });

refresh().catch(failed);
